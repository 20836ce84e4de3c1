using Pulumi.Blanket.EndToEnd.Tests.Machines;

namespace Pulumi.Blanket.EndToEnd.Tests.Moving;

/// <summary>The one where machines move, and what follows them is looked at from outside.</summary>
public sealed class MovingLab() : MachineLabBase("moves");
