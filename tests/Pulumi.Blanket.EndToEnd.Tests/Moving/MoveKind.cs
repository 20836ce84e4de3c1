namespace Pulumi.Blanket.EndToEnd.Tests.Moving;

/// <summary>How the machine of a campaign moves.</summary>
internal enum MoveKind
{
    Live,
    PostCopy,
    Cold,
}
