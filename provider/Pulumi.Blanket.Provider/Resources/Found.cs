namespace Pulumi.Blanket.Provider.Resources;

/// <summary>What a read found.</summary>
/// <param name="Id">The resource's id, in its lasting form: an import may have been given another.</param>
/// <param name="Inputs">The inputs that a program needs for no diff; null where those of the state are still true.</param>
internal sealed record Found<TInputs, TOutputs>(string Id, TInputs? Inputs, TOutputs Outputs);
