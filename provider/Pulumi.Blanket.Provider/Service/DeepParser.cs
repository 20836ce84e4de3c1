using System.Buffers;
using Google.Protobuf;
using Grpc.Core;
using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.Provider.Service;

/// <summary>
/// Parses requests. Protocol buffers refuse messages nested deeper than 100, a few levels beyond what property values may have; a request that is deeper is
/// parsed with a higher limit, so that its refusal can name the property.
/// </summary>
internal static class DeepParser
{
    /// <summary>Levels of messages; a value's level takes three. Parsing recurses, and this much fits on a thread's stack.</summary>
    private const int DeepLimit = 3100;

    public static Marshaller<T> Marshaller<T>(MessageParser<T> parser)
        where T : class, IMessage<T>
        => new((message, context) =>
        {
            context.SetPayloadLength(message.CalculateSize());
            message.WriteTo(context.GetBufferWriter());
            context.Complete();
        }, context => Parse(parser, context.PayloadAsReadOnlySequence()));

    private static T Parse<T>(MessageParser<T> parser, ReadOnlySequence<byte> payload)
        where T : class, IMessage<T>
    {
        try
        {
            return parser.ParseFrom(payload);
        }
        catch (InvalidProtocolBufferException)
        {
            return ParseDeep(parser, payload.ToArray());
        }
    }

    private static T ParseDeep<T>(MessageParser<T> parser, byte[] payload)
        where T : class, IMessage<T>
    {
        try
        {
            return parser.ParseFrom(CodedInputStream.CreateWithLimits(new MemoryStream(payload), sizeLimit: int.MaxValue, DeepLimit));
        }
        catch (InvalidProtocolBufferException fault)
        {
            var name = typeof(T).Name;
            throw new RpcException(new Status(StatusCode.InvalidArgument, fault.Message.Contains("recursion", StringComparison.OrdinalIgnoreCase)
                ? $"a property in the {name} is nested deeper than {DeepLimit / 3} levels, where {PropertyCodec.MaxDepth} are the most; flatten it, or pass it as JSON text"
                : $"the bytes received are no {name} of Pulumi's protocol; do engine and plugin fit together?"));
        }
    }
}
