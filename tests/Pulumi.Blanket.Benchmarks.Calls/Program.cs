using System.Diagnostics;
using System.Globalization;
using Grpc.Core;
using Pulumi.Blanket.Contract;
using Pulumi.Blanket.Provider.Ssh;
using Pulumi.Blanket.Provider.Ssh.Agent;

// Arguments: address, file of the private key, how many. Writes the medians, in microseconds: the bare channel's, and a call's.
SshTarget target = new(args[0]) { Credentials = new SshCredentials { PrivateKey = await File.ReadAllTextAsync(args[1]) } };
var count = int.Parse(args[2], CultureInfo.InvariantCulture);
const int Batch = 100;

// What a call without content takes on the wire: HTTP/2's frames of a request, with gRPC's headers; the answer is a fifth of it.
const int Payload = 256;

await using SshConnections connections = new();
await using AgentConnections agents = new(connections);
await using var echo = await (await connections.GetAsync(target)).OpenChannelAsync("cat");
FabricAgent.FabricAgentClient agent = new(agents.For(target));
var buffer = new byte[Payload];
List<double> bare = [];
List<double> calls = [];

// By turns, so that whatever else the machine does meets both; the first tenth warms up.
for (var done = -count / 10; done < count; done += Batch)
{
    await MeasureAsync(bare, done >= 0, async () =>
    {
        await echo.WriteAsync(buffer);
        await echo.ReadExactlyAsync(buffer);
    });
    await MeasureAsync(calls, done >= 0, async () =>
    {
        // As the plugin calls: with the id of an operation, and a limit.
        await agent.PingAsync(new(), new Metadata { { "blanket-operation", "5eed5eed" } }, DateTime.UtcNow.AddSeconds(10));
    });
}

Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Median(bare):0.0} {Median(calls):0.0}"));

static async Task MeasureAsync(List<double> times, bool keep, Func<Task> step)
{
    for (var number = 0; number < Batch; number++)
    {
        var start = Stopwatch.GetTimestamp();
        await step();
        if (keep)
        {
            times.Add(Stopwatch.GetElapsedTime(start).TotalMicroseconds);
        }
    }
}

static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
