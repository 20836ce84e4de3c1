namespace Pulumi.Blanket.Provider.Resources;

/// <summary>What an update is to do.</summary>
/// <param name="Id">The resource's id.</param>
/// <param name="Old">The inputs of last time.</param>
/// <param name="New">The inputs to reach.</param>
/// <param name="Outputs">The outputs as they are in the state.</param>
internal sealed record Wish<TInputs, TOutputs>(string Id, TInputs Old, TInputs New, TOutputs Outputs);
