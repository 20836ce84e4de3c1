using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Pulumi.Blanket.Benchmarks;

/// <summary>The command `blanket` with 1,000 resources of a provider that does nothing: whole commands, from the start of the process to its end.</summary>
internal sealed class EngineBenchmark : IBenchmark
{
    private const int Resources = 1000;

    // Of ten that depend on each other, a hundred times.
    private const int ChainLength = 10;
    private const int Runs = 5;
    private const double PreviewGoal = 2;
    private const double UpGoal = 15;

    public string Name => "engine";

    public async Task<IReadOnlyList<Figure>> MeasureAsync(CancellationToken cancellationToken)
    {
        List<double> ups = [];
        List<double> previews = [];
        for (var run = 0; run < Runs; run++)
        {
            var folder = Directory.CreateTempSubdirectory("blanket-bench-");
            try
            {
                await File.WriteAllTextAsync(Path.Combine(folder.FullName, "Pulumi.yaml"), Program(), cancellationToken);
                ups.Add(await TimeAsync(folder.FullName, ["up", "--yes", "--skip-preview"], cancellationToken));
                previews.Add(await TimeAsync(folder.FullName, ["preview"], cancellationToken));
            }
            finally
            {
                folder.Delete(recursive: true);
            }
        }

        var (up, preview) = (ups.Median(), previews.Median());
        return
        [
            new($"preview of {Resources:#,0} unchanged resources, s", preview, null, "", "at most 2", preview <= PreviewGoal),
            new($"up that creates {Resources:#,0} resources, s", up, null, "", "at most 15", up <= UpGoal),
        ];
    }

    private static async Task<double> TimeAsync(string folder, string[] arguments, CancellationToken cancellationToken)
    {
        ProcessStartInfo start = new(Path.Combine(ServerProcess.Folder, "blanket"), arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["PULUMI_HOME"] = folder;
        start.Environment["PULUMI_BACKEND_URL"] = $"file://{folder}";
        start.Environment["PULUMI_CONFIG_PASSPHRASE"] = "bench";
        var begin = Stopwatch.GetTimestamp();
        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(cancellationToken), process.StandardError.ReadToEndAsync(cancellationToken));
        await process.WaitForExitAsync(cancellationToken);
        var seconds = Stopwatch.GetElapsedTime(begin).TotalSeconds;
        return process.ExitCode == 0 ? seconds : throw new InvalidOperationException($"`blanket {arguments[0]}` ended with {process.ExitCode}: {await output}{await error}");
    }

    private static string Program()
    {
        StringBuilder text = new($$"""
            name: bench
            runtime: yaml
            plugins:
              providers:
                - { name: probe, path: {{Path.Combine(ServerProcess.Folder, "..", "tests", "Pulumi.Blanket.Probe", "bin", "Release", "net10.0")}} }
            resources:
              secret: { type: "probe:Thing", properties: { password: { "fn::secret": word } } }

            """);
        for (var index = 1; index < Resources; index++)
        {
            var value = index % ChainLength == 0 ? "first" : index == 1 ? "${secret.arn}" : $"${{thing-{index - 1}.arn}}";
            text.Append(CultureInfo.InvariantCulture, $"  thing-{index}:\n    type: probe:Thing\n    properties:\n      value: {value}\n      tags: {{ kind: bench, number: \"{index}\" }}\n      items: [ one, two, three ]\n");
        }

        return text.ToString();
    }
}
