using CsCheck;
using Pulumi.Blanket.Libvirt.Connection;
using Pulumi.Blanket.Libvirt.Domains;
using Pulumi.Blanket.Libvirt.Errors;
using Pulumi.Blanket.Libvirt.Events;
using Pulumi.Blanket.Libvirt.Parameters;
using Pulumi.Blanket.Libvirt.Tests.Support;
using Pulumi.Blanket.Libvirt.Wire;

namespace Pulumi.Blanket.Libvirt.Tests;

/// <summary>Whatever bytes come in: a call ends, in time, with an answer or with a fault of the closed set.</summary>
public sealed class FuzzTests
{
    private static readonly DomainReference Domain = new("web-1", Guid.Parse("00112233-4455-6677-8899-aabbccddeeff"), 7);

    [Fact]
    public Task Random_bytes() => Gen.Byte.Array[0, 400].SampleAsync(AnswerAsync, iter: 300, threads: 1);

    [Fact]
    public Task Random_payloads_in_sound_headers()
        => Gen.Select(Gen.Byte.Array[0, 120], Gen.OneOf(318, 319, 324, 333, 348, 359, 363, 367, 1, -1), Gen.Int[0, 7], Gen.UInt[0, 6], Gen.Int[0, 3])
            .Select((payload, procedure, type, serial, status) => Message.ToBytes(
                new MessageHeader(Procedures.RemoteProgram, Procedures.Version, procedure, (MessageType)type, serial, (MessageStatus)status), payload))
            .SampleAsync(AnswerAsync, iter: 300, threads: 1);

    [Fact]
    public Task Sound_messages_with_changed_bytes()
        => Gen.Select(Gen.Int[0, 100_000], Gen.Byte, Gen.Int[0, 100_000], Gen.Byte, Gen.Int[0, 3]).SampleAsync(async (firstPlace, first, secondPlace, second, cut) =>
        {
            byte[] bytes = [.. StatisticsReply(), .. FakeCall.Lifecycle(Domain, DomainLifecycle.Started)];
            bytes[firstPlace % bytes.Length] = first;
            bytes[secondPlace % bytes.Length] ^= second;
            await AnswerAsync(bytes[..^cut]);
        }, iter: 500, threads: 1);

    private static async Task AnswerAsync(byte[] bytes)
    {
        FakeServer server = new();
        await using var connection = await LibvirtConnection.ConnectAsync(server.Settings(), _ => { }, TestContext.Current.CancellationToken);
        var call = connection.CallAsync(
            Procedures.ConnectGetAllDomainStats, null,
            (ref reader) => reader.ReadList(WireLimits.MaxDomains, (ref inner) => (DomainReference.Read(ref inner), TypedParameters.Read(ref inner, WireLimits.MaxDomainStats))),
            TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        await server.NextAsync();
        await server.Stream.WriteAsync(bytes);
        await server.KillAsync();
        try
        {
            await call.WaitAsync(TimeSpan.FromSeconds(10));
        }
        catch (LibvirtException fault)
        {
            Assert.True(fault.Fault is LibvirtFault.Protocol or LibvirtFault.ConnectionLost or LibvirtFault.Rejected, fault.ToString());
        }
    }

    // The fourth call on a connection, after the three of the greeting.
    private static byte[] StatisticsReply()
    {
        XdrWriter writer = new();
        writer.Int(1);
        DomainReference.Write(writer, Domain);
        writer.List([TypedParameter.Of("state.state", 1), TypedParameter.Of("cpu.time", 5ul), TypedParameter.Of("net.0.name", "vnet0"), TypedParameter.Of("rate", 1.5)], 10, TypedParameter.Write);
        return Message.ToBytes(new MessageHeader(Procedures.RemoteProgram, Procedures.Version, Procedures.ConnectGetAllDomainStats.Number, MessageType.Reply, 4, MessageStatus.Ok), writer.Written);
    }
}
