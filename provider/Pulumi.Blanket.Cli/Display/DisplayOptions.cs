namespace Pulumi.Blanket.Cli.Display;

/// <param name="IsPreview">Words say what would be done.</param>
/// <param name="ShowDiff">Every value that changes is shown.</param>
/// <param name="ShowSame">Resources that stay as they are are shown, too.</param>
internal sealed record DisplayOptions(string Title, string Stack, bool IsPreview, bool ShowDiff = false, bool ShowSame = false);
