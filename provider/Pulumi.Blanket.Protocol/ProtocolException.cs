namespace Pulumi.Blanket.Protocol;

/// <summary>Something that came over the wire, or is to go over it, is not as the protocol has it.</summary>
public sealed class ProtocolException(ProtocolFailure failure, string message) : Exception(message)
{
    public ProtocolFailure Failure { get; } = failure;
}
