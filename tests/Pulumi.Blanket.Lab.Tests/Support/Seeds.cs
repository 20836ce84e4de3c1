using System.Globalization;

namespace Pulumi.Blanket.Lab.Tests.Support;

/// <summary>
/// Seeds of random tests. The suite runs the first few, the same each time, and prints them; <c>BLANKET_SEED</c> runs another one. With
/// <c>BLANKET_CAMPAIGN</c> naming a folder the full count runs, and what passed is noted there: an interrupted campaign goes on where it was.
/// </summary>
internal static class Seeds
{
    private static readonly string? CampaignFolder = Environment.GetEnvironmentVariable("BLANKET_CAMPAIGN") is { Length: > 0 } folder ? folder : null;

    public static async Task RunAsync(string name, int few, int full, Func<int, Task> test)
    {
        var output = TestContext.Current.TestOutputHelper!;
        foreach (var seed in Choose(name, few, full))
        {
            output.WriteLine($"{name}: seed {seed}");
            try
            {
                await test(seed);
            }
            catch (Exception fault) when (fault is not OperationCanceledException)
            {
                throw new InvalidOperationException($"{name} failed with seed {seed}; `BLANKET_SEED={seed}` runs it again: {fault.Message}", fault);
            }

            if (CampaignFolder is not null)
            {
                Directory.CreateDirectory(CampaignFolder);
                await File.AppendAllTextAsync(DoneFile(name), seed.ToString(CultureInfo.InvariantCulture) + "\n");
            }
        }
    }

    private static IEnumerable<int> Choose(string name, int few, int full)
    {
        if (int.TryParse(Environment.GetEnvironmentVariable("BLANKET_SEED"), out var seed))
        {
            return [seed];
        }

        if (CampaignFolder is null)
        {
            return Enumerable.Range(1, few);
        }

        var done = File.Exists(DoneFile(name)) ? File.ReadAllLines(DoneFile(name)).Select(line => int.Parse(line, CultureInfo.InvariantCulture)).ToHashSet() : [];
        return Enumerable.Range(1, full).Where(number => !done.Contains(number));
    }

    private static string DoneFile(string name) => Path.Combine(CampaignFolder!, $"{name}.passed");
}
