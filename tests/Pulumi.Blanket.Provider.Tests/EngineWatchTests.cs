using System.Net;
using System.Net.Sockets;
using Pulumi.Blanket.Provider.Hosting;

namespace Pulumi.Blanket.Provider.Tests;

/// <summary>A plugin does not outlive an engine that was killed.</summary>
public sealed class EngineWatchTests
{
    [Fact]
    public async Task An_engine_that_is_gone_is_noticed_and_one_that_is_there_is_not()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        var watch = EngineWatch.WaitUntilGoneAsync(listener.LocalEndpoint.ToString()!, TimeSpan.FromMilliseconds(5), TestContext.Current.CancellationToken);
        for (var look = 0; look < 10; look++)
        {
            (await listener.AcceptSocketAsync(TestContext.Current.CancellationToken)).Dispose();
        }

        Assert.False(watch.IsCompleted);
        listener.Stop();
        await watch.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
    }
}
