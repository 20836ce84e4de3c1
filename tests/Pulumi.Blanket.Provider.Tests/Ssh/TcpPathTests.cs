using System.Net;
using Pulumi.Blanket.Provider.Ssh;
using Pulumi.Blanket.Provider.Ssh.Connections;

namespace Pulumi.Blanket.Provider.Tests.Ssh;

/// <summary>What the kernel's table says of the way to a host.</summary>
public sealed class TcpPathTests
{
    // 127.0.0.1:22 by IPv4, and the same mapped to IPv6: idle, retransmitting for the second and for the fifth time, with a shut window.
    private const string Idle = "   1: 0100007F:9C40 0100007F:0016 01 00000000:00000000 00:00000000 00000000     0        0 4711 1 0000000000000000 20 4 30 10 -1";
    private const string Late = "   2: 0100007F:9C40 0100007F:0016 01 00000020:00000000 01:00000019 00000001     0        0 4711 2 0000000000000000 80 4 30 1 7";
    private const string Dead = "   3: 0100007F:9C40 0100007F:0016 01 00000020:00000000 01:00000019 00000004     0        0 4711 2 0000000000000000 640 4 30 1 7";
    private const string Shut = "   4: 0100007F:9C40 0100007F:0016 01 00004000:00000000 04:00000019 00000000     0        6 4711 2 0000000000000000 640 4 30 1 7";
    private const string Mapped = "   5: 0000000000000000FFFF00000100007F:9C40 0000000000000000FFFF00000100007F:0016 01 00000020:00000000 01:00000019 00000005     0        0 4711 2 0 640 4 30 1 7";
    private const string Header = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode";

    [Theory]
    [InlineData(Idle, "4711", 22, "Acknowledging")]
    [InlineData(Late, "4711", 22, "Acknowledging")]
    [InlineData(Shut, "4711", 22, "Acknowledging")]
    [InlineData(Dead, "4711", 22, "Dead")]
    [InlineData(Mapped, "4711", 22, "Dead")]
    [InlineData(Dead, "4712", 22, "Unknown")] // somebody else's
    [InlineData(Dead, "4711", 23, "Unknown")]
    public void TheKernelTellsASlowHostFromADeadLink(string line, string inode, int port, string state)
        => Assert.Equal(state, TcpPath.Judge([Header, line], [new IPEndPoint(IPAddress.Parse("192.0.2.9"), port), new IPEndPoint(IPAddress.Loopback, port)], new HashSet<string> { inode }).ToString());
}
