using Pulumi.Blanket.Agent.Moving;

namespace Pulumi.Blanket.Agent.Tests;

public sealed class CopyConnectionsTests
{
    [Fact]
    public void OnlyTheConnectionsOfOneProcessAreFound()
    {
        const string Connections =
            """
            ESTAB    0 0      10.42.0.1:43210 10.42.0.2:49152 users:(("qemu-system-x86",pid=1234,fd=30))
            ESTAB    0 131072 10.42.0.1:43212 10.42.0.2:49153 users:(("qemu-system-x86",pid=12345,fd=31))
            SYN-SENT 0 1      10.42.0.1:43214 10.42.0.2:49154 users:(("worker",pid=9,fd=3),("qemu-system-x86",pid=1234,fd=32))
            ESTAB    0 0      10.42.0.1:43216 10.42.0.2:49155

            """;
        Assert.Equal([43210, 43214], CopyConnections.PortsOf("1234", Connections));
        Assert.Empty(CopyConnections.PortsOf("123", Connections));
    }
}
