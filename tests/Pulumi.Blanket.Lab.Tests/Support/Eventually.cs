using System.Diagnostics;

namespace Pulumi.Blanket.Lab.Tests.Support;

/// <summary>Waits for what has to become true. How fast it does is for benchmarks: the limit is one that only a machine on which it never happens reaches.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(180);

    public static async Task TrueAsync(Func<Task<bool>> condition, string what)
    {
        var deadline = Stopwatch.StartNew();
        while (!await condition())
        {
            Assert.True(deadline.Elapsed < Limit, $"not within {Limit.TotalSeconds:0} s: {what}");
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
    }
}
