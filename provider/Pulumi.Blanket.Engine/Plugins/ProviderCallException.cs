using System.Collections.Immutable;
using Grpc.Core;
using Pulumi.Blanket.Protocol.Contract;
using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.Engine.Plugins;

/// <summary>A provider that answered with a failure.</summary>
internal sealed class ProviderCallException(StatusCode code, string message, ProviderCallException.Half? made, Exception inner) : Exception(message, inner)
{
    public StatusCode Code { get; } = code;

    /// <summary>What was made all the same; null where nothing was.</summary>
    public Half? Made { get; } = made;

    /// <summary>Nobody knows whether the operation took place.</summary>
    public bool IsUnknownOutcome => Made is null && Code is StatusCode.Internal or StatusCode.DataLoss or StatusCode.Unknown;

    public static ProviderCallException From(RpcException fault)
    {
        var detail = fault.GetRpcStatus()?.GetDetail<ErrorResourceInitFailed>();
        var made = detail is null ? null : new Half(
            detail.Id,
            PropertyCodec.DecodeObject(detail.Properties),
            detail.Inputs is null ? null : PropertyCodec.DecodeObject(detail.Inputs),
            [.. detail.Reasons],
            detail.RefreshBeforeUpdate);
        var text = made is { Reasons.Length: > 0 } ? string.Join(Environment.NewLine, made.Reasons) : fault.Status.Detail;
        return new ProviderCallException(fault.StatusCode, text.Length == 0 ? $"the provider failed ({fault.StatusCode})" : text, made, fault);
    }

    /// <summary>A resource that was made, or changed, but not finished.</summary>
    /// <param name="Inputs">Null where the provider didn't say.</param>
    public sealed record Half(string Id, ObjectValue Outputs, ObjectValue? Inputs, ImmutableArray<string> Reasons, bool RefreshBeforeUpdate);
}
