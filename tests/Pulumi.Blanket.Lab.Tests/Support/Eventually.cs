using System.Diagnostics;

namespace Pulumi.Blanket.Lab.Tests.Support;

/// <summary>Waits for what has to become true. How fast it does is for benchmarks: the limit is one that only a machine on which it never happens reaches.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(180);

    public static async Task TrueAsync(Func<Task<bool>> condition, string what)
    {
        var waited = Stopwatch.StartNew();
        while (!await condition())
        {
            Assert.True(waited.Elapsed < Limit, $"not within {Limit.TotalSeconds:0} s: {what}");

            // The less often, the longer it takes: most conditions start programs, on a machine that is busy with what is waited for.
            await Task.Delay(TimeSpan.FromMilliseconds(Math.Clamp(waited.ElapsedMilliseconds / 10, 20, 400)), TestContext.Current.CancellationToken);
        }
    }
}
