using System.Threading.Channels;
using Grpc.Core;
using Pulumi.Blanket.Agent.Serving;
using Pulumi.Blanket.Contract;

namespace Pulumi.Blanket.Agent.Machines;

/// <summary>Has a caller follow work on a machine, which goes on when the caller is gone.</summary>
internal sealed class MachineTelling(AgentLifetime lifetime)
{
    /// <param name="work">Null where there is no machine in the end.</param>
    public async Task TellAsync(IServerStreamWriter<MachineEvent> to, Func<IMachineTeller, Task<MachineView?>> work, CancellationToken cancellationToken)
    {
        var events = Channel.CreateUnbounded<MachineEvent>();
        var running = Task.Run(async () =>
        {
            try
            {
                return await work(new MachineTeller(events.Writer));
            }
            finally
            {
                events.Writer.Complete();
            }
        }, CancellationToken.None);
        lifetime.Track(running);
        await foreach (var told in events.Reader.ReadAllAsync(cancellationToken))
        {
            await to.WriteAsync(told, cancellationToken);
        }

        MachineDone done = new();
        if (await running is { } view)
        {
            done.Machine = view;
        }

        await to.WriteAsync(new MachineEvent { Done = done }, cancellationToken);
    }
}
