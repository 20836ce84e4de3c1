namespace Pulumi.Blanket.Provider.Resources;

/// <summary>What a create made.</summary>
/// <param name="Id">Never empty.</param>
internal sealed record Made<TOutputs>(string Id, TOutputs Outputs);
