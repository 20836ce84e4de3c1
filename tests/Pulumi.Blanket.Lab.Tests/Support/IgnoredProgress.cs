namespace Pulumi.Blanket.Lab.Tests;

internal sealed class IgnoredProgress : IProgress<LabProgress>
{
    public void Report(LabProgress value)
    {
    }
}
