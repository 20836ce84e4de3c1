namespace Pulumi.Blanket.Agent.Fabrics;

/// <summary>What is known of a member that was asked something.</summary>
internal enum PathState
{
    /// <summary>It answers.</summary>
    Answering,

    /// <summary>Its agent does not answer, and nothing says that the way to it is cut: it is waited for.</summary>
    Slow,

    /// <summary>Nothing gets there any more.</summary>
    Dead,
}
