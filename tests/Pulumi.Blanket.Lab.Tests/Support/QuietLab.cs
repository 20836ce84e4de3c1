namespace Pulumi.Blanket.Lab.Tests.Support;

/// <summary>The lab of tests that make nothing fail.</summary>
public sealed class QuietLab() : SharedLab("lab-quiet");
