namespace Pulumi.Blanket.Libvirt.Connection;

/// <summary>Pauses between attempts: doubled each time up to a limit, each shortened by up to a half at random.</summary>
internal sealed record BackOff(TimeSpan First, TimeSpan Longest)
{
    public TimeSpan After(int attempt)
    {
        var full = Math.Min(Longest.TotalMilliseconds, First.TotalMilliseconds * Math.Pow(2, Math.Min(attempt, 30)));
        return TimeSpan.FromMilliseconds(full * (0.5 + (Random.Shared.NextDouble() / 2)));
    }
}
