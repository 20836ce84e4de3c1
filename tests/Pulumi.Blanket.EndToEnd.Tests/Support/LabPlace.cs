namespace Pulumi.Blanket.EndToEnd.Tests.Support;

/// <summary>
/// One of the labs that may be there at a time. xunit counts tests that run, and not the labs that collections make before their first one: all of them
/// would be there from the beginning to the end, with the work of hosts at rest.
/// </summary>
internal sealed class LabPlace : IDisposable
{
    private static readonly SemaphoreSlim Places = new(3);

    private int _isTaken = 1;

    private LabPlace()
    {
    }

    public static async Task<LabPlace> TakeAsync()
    {
        await Places.WaitAsync(TestContext.Current.CancellationToken);
        return new LabPlace();
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isTaken, 0) == 1)
        {
            Places.Release();
        }
    }
}
