namespace Pulumi.Blanket.Agent.Layers;

/// <summary>What who asks for the layer's proof does with one that takes its time.</summary>
internal enum ProofUse
{
    /// <summary>Takes what is known after a moment; a proof that is still running goes on by itself, and the next one to ask has its answer.</summary>
    Glance,

    /// <summary>Waits for it to end.</summary>
    Wait,

    /// <summary>Waits for it to end, and has it run anew unless KVM is proven.</summary>
    TryAgain,
}
