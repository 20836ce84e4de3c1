using System.Diagnostics;
using System.Globalization;
using Pulumi.Blanket.Contract;
using Pulumi.Blanket.Provider.Operations;

namespace Pulumi.Blanket.Provider.Resources.Image;

/// <summary>How far an image is, on the resource's line: in MiB and percent, once a second.</summary>
internal sealed class ImageProgressLine(OperationLog log)
{
    private const long BytesPerMiB = 1024 * 1024;

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private string _step = "";
    private long _shown;

    public void Show(ImageProgress progress)
    {
        lock (_lock)
        {
            if (progress.Step == _step && Stopwatch.GetElapsedTime(_shown) < Pause)
            {
                return;
            }

            (_step, _shown) = (progress.Step, Stopwatch.GetTimestamp());
        }

        log.Progress(TextOf(progress));
    }

    internal static string TextOf(ImageProgress progress) => progress switch
    {
        { DoneBytes: 0, TotalBytes: 0 } => progress.Step,
        { TotalBytes: 0 } => string.Create(CultureInfo.InvariantCulture, $"{progress.Step}: {progress.DoneBytes / BytesPerMiB} MiB"),
        _ => string.Create(CultureInfo.InvariantCulture,
            $"{progress.Step}: {progress.DoneBytes / BytesPerMiB} of {(progress.TotalBytes + BytesPerMiB - 1) / BytesPerMiB} MiB ({100 * progress.DoneBytes / progress.TotalBytes} %)"),
    };
}
