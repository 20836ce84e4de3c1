using System.Diagnostics;

namespace Pulumi.Blanket.Lab.Guests;

/// <summary>
/// Follows a guest's stream of numbered lines over one TCP connection, as a client that must not notice a move: every number has to come,
/// in order, on the connection that was opened first.
/// </summary>
public sealed class GuestLines : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _reading;
    private readonly Stopwatch _sinceLast = Stopwatch.StartNew();
    private long _last;
    private long _longestGapTicks;

    public GuestLines(HttpClient client, GuestDefinition guest, int intervalMs = 20)
        => _reading = ReadAsync(client, new Uri($"http://{GuestNetwork.GuestAddress(guest.Number)}/stream?intervalMs={intervalMs}"));

    /// <summary>The last number that came; numbers begin with 1.</summary>
    public long Last => Interlocked.Read(ref _last);

    /// <summary>The longest time between two lines so far.</summary>
    public TimeSpan LongestGap => TimeSpan.FromTicks(Interlocked.Read(ref _longestGapTicks));

    /// <summary>Waits until more lines have come than now.</summary>
    /// <exception cref="IOException">The stream broke, or a number was missing.</exception>
    public async Task WaitForMoreAsync(int lines = 5, CancellationToken cancellationToken = default)
    {
        var until = Last + lines;
        while (Last < until)
        {
            if (_reading.IsCompleted)
            {
                await _reading;
                throw new IOException($"the stream ended after line {Last}");
            }

            await Task.Delay(5, cancellationToken);
        }
    }

    /// <summary>Stops reading.</summary>
    /// <exception cref="IOException">The stream broke, or a number was missing.</exception>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _reading;
        _stop.Dispose();
    }

    private async Task ReadAsync(HttpClient client, Uri address)
    {
        try
        {
            using var response = await client.GetAsync(address, HttpCompletionOption.ResponseHeadersRead, _stop.Token);
            using StreamReader reader = new(await response.Content.ReadAsStreamAsync(_stop.Token));
            while (await reader.ReadLineAsync(_stop.Token) is { } line)
            {
                if (long.Parse(line) != _last + 1)
                {
                    throw new IOException($"line {line} came after line {_last}");
                }

                var gap = _sinceLast.Elapsed.Ticks;
                _sinceLast.Restart();
                if (_last > 0 && gap > _longestGapTicks)
                {
                    Interlocked.Exchange(ref _longestGapTicks, gap);
                }

                Interlocked.Increment(ref _last);
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
        }
        catch (IOException) when (_stop.IsCancellationRequested)
        {
        }
    }
}
