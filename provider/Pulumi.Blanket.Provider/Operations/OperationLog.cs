using Pulumi.Blanket.Provider.Engine;

namespace Pulumi.Blanket.Provider.Operations;

/// <summary>Messages to the user about one resource. Never give it a secret.</summary>
internal sealed class OperationLog(EngineLog engine, string urn, string operationId)
{
    public void Debug(string message) => engine.Write(new(EngineSeverity.Debug, $"{message} (operation {operationId})", urn));

    public void Info(string message) => engine.Write(new(EngineSeverity.Info, message, urn));

    public void Warning(string message) => engine.Write(new(EngineSeverity.Warning, $"{message} (operation {operationId})", urn));

    public void Error(string message) => engine.Write(new(EngineSeverity.Error, $"{message} (operation {operationId})", urn));

    /// <summary>What is going on right now: it stands on the resource's line until the next one, and is not kept.</summary>
    public void Progress(string message) => engine.Write(new(EngineSeverity.Info, message, urn, IsProgress: true));
}
