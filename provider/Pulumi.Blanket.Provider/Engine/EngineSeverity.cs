namespace Pulumi.Blanket.Provider.Engine;

/// <summary>How much a message to the user matters. An error marks the run as failed in the engine's eyes.</summary>
internal enum EngineSeverity
{
    Debug,
    Info,
    Warning,
    Error,
}
