namespace Pulumi.Blanket.EndToEnd.Tests.Machines;

/// <summary>The one where hosts stay up.</summary>
public sealed class MachineLab() : MachineLabBase("machines");
