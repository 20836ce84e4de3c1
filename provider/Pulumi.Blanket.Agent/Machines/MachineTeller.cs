using System.Threading.Channels;
using Pulumi.Blanket.Contract;

namespace Pulumi.Blanket.Agent.Machines;

/// <summary>Turns what work says into events for its caller.</summary>
internal sealed class MachineTeller(ChannelWriter<MachineEvent> events) : IMachineTeller
{
    private long _toldMiB = -1;

    public void Say(string line) => events.TryWrite(new MachineEvent { Progress = line });

    public void Warn(string line) => events.TryWrite(new MachineEvent { Warning = line });

    // A line for each MiB is more than anybody reads.
    public void Progress(ImageProgress progress)
    {
        var doneMiB = progress.DoneBytes >> 20;
        if (doneMiB < _toldMiB + 8 && progress.DoneBytes != progress.TotalBytes && _toldMiB >= 0)
        {
            return;
        }

        _toldMiB = doneMiB;
        Say(progress.TotalBytes > 0 ? $"{progress.Step}: {doneMiB} of {progress.TotalBytes >> 20} MiB" : progress.Step);
    }
}
