namespace Pulumi.Blanket.Lab.Tests.Support;

internal sealed class IgnoredProgress : IProgress<LabProgress>
{
    public void Report(LabProgress value)
    {
    }
}
