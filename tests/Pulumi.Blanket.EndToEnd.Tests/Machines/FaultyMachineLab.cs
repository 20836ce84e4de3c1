namespace Pulumi.Blanket.EndToEnd.Tests.Machines;

/// <summary>The one whose hosts and agents fail, while tests on the other go on beside it.</summary>
public sealed class FaultyMachineLab() : MachineLabBase("machine-faults");
