namespace Pulumi.Blanket.Lab.Tests.Support;

/// <summary>The lab of tests that make links and hosts fail; beside the other, so that neither waits for the other.</summary>
public sealed class FaultyLab() : SharedLab("lab-faulty");
