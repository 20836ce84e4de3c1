using Pulumi.Blanket.Contract;

namespace Pulumi.Blanket.Agent.Machines;

/// <summary>Says of which machine something is, where work is on several.</summary>
internal sealed class NamedTeller(string name, IMachineTeller teller) : IMachineTeller
{
    public void Say(string line) => teller.Say($"{name}: {line}");

    public void Warn(string line) => teller.Warn($"{name}: {line}");

    public void Progress(ImageProgress progress) => teller.Progress(progress);
}
