using CsCheck;
using Pulumi.Blanket.Libvirt.Errors;
using Pulumi.Blanket.Libvirt.Wire;

namespace Pulumi.Blanket.Libvirt.Tests;

public sealed class MessageTests
{
    [Fact]
    public Task Messages_come_back_however_the_stream_cuts_them()
        => Gen.Select(Gen.Byte.Array[0, 300].List[1, 6], Gen.Int[1, 90]).SampleAsync(async (payloads, cut) =>
        {
            byte[] bytes = [.. payloads.SelectMany((payload, index) => Message.ToBytes(Header((uint)index), payload))];
            MessageReader reader = new(new CutStream(bytes, cut));
            for (var index = 0; index < payloads.Count; index++)
            {
                var message = await reader.ReadAsync(TestContext.Current.CancellationToken);
                Assert.Equal(Header((uint)index), message!.Value.Header);
                Assert.Equal(payloads[index], message.Value.Payload.ToArray());
            }

            Assert.Null(await reader.ReadAsync(TestContext.Current.CancellationToken));
        }, iter: 300, threads: 1);

    [Fact]
    public async Task A_message_of_the_largest_size_comes_back()
    {
        var payload = new byte[WireLimits.MaxMessageBytes - WireLimits.LengthBytes - WireLimits.HeaderBytes];
        Random.Shared.NextBytes(payload);
        MessageReader reader = new(new CutStream(Message.ToBytes(Header(1), payload), 1 << 20));
        var message = await reader.ReadAsync(TestContext.Current.CancellationToken);
        Assert.True(message!.Value.Payload.Span.SequenceEqual(payload));
        Assert.Throws<ArgumentException>(() => Message.ToBytes(Header(1), new byte[payload.Length + 1]));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(27)]
    [InlineData(33_554_437)]
    [InlineData(0xffffffff)]
    public async Task A_length_out_of_bounds_is_a_protocol_error(uint length)
    {
        MessageReader reader = new(new CutStream([(byte)(length >> 24), (byte)(length >> 16), (byte)(length >> 8), (byte)length], 4));
        var fault = await Assert.ThrowsAsync<LibvirtException>(async () => await reader.ReadAsync(TestContext.Current.CancellationToken));
        Assert.Equal(LibvirtFault.Protocol, fault.Fault);
    }

    [Fact]
    public async Task A_promised_length_takes_no_memory()
    {
        var whole = Message.ToBytes(Header(1), new byte[WireLimits.MaxMessageBytes - 100]);
        MessageReader reader = new(new CutStream(whole[..5000], 5000));
        var before = GC.GetTotalAllocatedBytes(precise: true);
        var fault = await Assert.ThrowsAsync<LibvirtException>(async () => await reader.ReadAsync(TestContext.Current.CancellationToken));
        Assert.Equal(LibvirtFault.ConnectionLost, fault.Fault);
        Assert.InRange(GC.GetTotalAllocatedBytes(precise: true) - before, 0, 16 << 20);
    }

    private static MessageHeader Header(uint serial) => new(Procedures.RemoteProgram, Procedures.Version, 51, MessageType.Reply, serial, MessageStatus.Ok);

    /// <summary>Gives so many bytes at a time.</summary>
    private sealed class CutStream(byte[] bytes, int cut) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
            => base.ReadAsync(buffer[..Math.Min(cut, buffer.Length)], cancellationToken);
    }
}
