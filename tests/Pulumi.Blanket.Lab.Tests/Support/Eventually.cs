using System.Diagnostics;

namespace Pulumi.Blanket.Lab.Tests;

/// <summary>Waits for what has to become true, bounded in time.</summary>
internal static class Eventually
{
    public static async Task TrueAsync(Func<Task<bool>> condition, string what, int seconds = 30)
    {
        var deadline = Stopwatch.StartNew();
        while (!await condition())
        {
            Assert.True(deadline.Elapsed < TimeSpan.FromSeconds(seconds), $"not within {seconds} s: {what}");
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
    }
}
