using Pulumi.Blanket.Contract;

namespace Pulumi.Blanket.Provider.Resources.VirtualMachine;

/// <summary>How long a move will take, by the rate of the machine's last one.</summary>
/// <param name="IsLimited">Whether the rate is the one that the user set.</param>
/// <param name="DowntimeMs">Expected; in a live migration what is aimed at.</param>
internal sealed record MoveForecast(long BytesPerSecond, bool IsLimited, double Seconds, double DowntimeMs)
{
    /// <summary>libvirt's own.</summary>
    public const int DefaultDowntimeMs = 300;

    /// <returns>Null where no rate is known.</returns>
    public static MoveForecast? Of(MoveEstimate estimate, VirtualMachineMigration? migration)
    {
        var limit = (long)(migration?.BandwidthMiBps ?? 0) << 20;
        var rate = estimate.MeasuredBytesPerSecond > 0 && (limit == 0 || estimate.MeasuredBytesPerSecond < limit) ? estimate.MeasuredBytesPerSecond : limit;
        if (rate == 0)
        {
            return null;
        }

        var seconds = (estimate.MemoryBytes + estimate.DiskBytes) / (double)rate;
        return new(rate, rate == limit, seconds, estimate.Mode == MoveMode.Live ? migration?.DowntimeMs ?? DefaultDowntimeMs : seconds * 1000);
    }
}
