using System.Threading.Channels;
using Grpc.Core;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Pulumi.Blanket.Agent.Serving;
using Pulumi.Blanket.Agent.Tests.Support;
using Pulumi.Blanket.Agent.Timing;

namespace Pulumi.Blanket.Agent.Tests;

/// <summary>What runs for as long as the agent does: nothing that a round throws ends it, or fills the journal.</summary>
public sealed class BackgroundLoopTests : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private readonly CountingTime _time = new();
    private readonly LogLines _log = new();
    private readonly CancellationTokenSource _stop = new();

    private static CancellationToken Cancelled => new(canceled: true);

    public static TheoryData<string> Faults => [.. FaultsByName.Keys];

    private static Dictionary<string, Func<Exception>> FaultsByName { get; } = new()
    {
        ["one of the agent's"] = static () => new AgentException(AgentFault.NotPossible, "no room"),
        ["a bug"] = static () => new KeyNotFoundException(),
        ["a disk that is full"] = static () => new IOException("No space left on device", 28),
        ["no permission"] = static () => new UnauthorizedAccessException("read-only"),
        ["a peer that is away"] = static () => new RpcException(new Status(StatusCode.Unavailable, "away")),
        ["a call that was cancelled by somebody else"] = static () => new RpcException(new Status(StatusCode.Cancelled, "cancelled")),
        ["a timeout that surfaces as cancellation"] = static () => new TaskCanceledException("timeout", null, Cancelled),
        ["another cancellation"] = static () => new OperationCanceledException(Cancelled),
        ["a timeout"] = static () => new TimeoutException(),
        ["something disposed"] = static () => new ObjectDisposedException("socket"),
        ["several at once"] = static () => new AggregateException(new IOException(), new OperationCanceledException()),
        ["no memory"] = static () => new InsufficientMemoryException(),
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task NothingThatARoundThrowsEndsTheLoop(string fault)
    {
        var rounds = 0;
        using TestLoop loop = new(Clock(), _log, (loop, token) => loop.Repeat("the round", _ => ++rounds <= 3 ? throw FaultsByName[fault]() : Task.FromResult<TimeSpan?>(null), token));
        await loop.StartAsync(_stop.Token);
        await UntilEndAsync(loop);
        Assert.Equal(4, rounds);
        Assert.True(loop.ExecuteTask!.IsCompletedSuccessfully);

        // The same thing three times within a minute is one line.
        Assert.Single(_log.Lines);
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task NothingThatTheLoopItselfThrowsEndsIt(string fault)
    {
        var begun = 0;
        using TestLoop loop = new(Clock(), _log, (_, _) => ++begun < 3 ? throw FaultsByName[fault]() : Task.CompletedTask);
        await loop.StartAsync(_stop.Token);
        await UntilEndAsync(loop);
        Assert.Equal(3, begun);
        Assert.True(loop.ExecuteTask!.IsCompletedSuccessfully);
    }

    [Fact]
    public async Task TheStoppingTokenEndsItWhateverItDoes()
    {
        TaskCompletionSource begun = new();
        using TestLoop loop = new(Clock(), _log, async (loop, token) =>
        {
            await Task.WhenAll(
                loop.Repeat("one that waits", _ => Task.FromResult<TimeSpan?>(Interval), token),
                loop.Repeat("one that fails", _ => throw new InvalidOperationException(), token),
                loop.Repeat("one that works", async end =>
                {
                    begun.TrySetResult();
                    await Task.Delay(Timeout.Infinite, end);
                    return null;
                }, token));
        });
        await loop.StartAsync(CancellationToken.None);
        await begun.Task.WaitAsync(TestContext.Current.CancellationToken);
        await loop.StopAsync(TestContext.Current.CancellationToken);
        Assert.True(loop.ExecuteTask!.IsCompletedSuccessfully);
    }

    [Fact]
    public async Task OneThatHangsDelaysNoOther()
    {
        var rounds = Channel.CreateUnbounded<int>();
        using TestLoop loop = new(Clock(), _log, (loop, token) => Task.WhenAll(
            loop.Repeat("one that hangs", async end =>
            {
                await Task.Delay(Timeout.Infinite, end);
                return null;
            }, token),
            loop.Repeat("another", async end =>
            {
                await rounds.Writer.WriteAsync(0, end);
                return Interval;
            }, token)));
        await loop.StartAsync(CancellationToken.None);
        for (var round = 0; round < 3; round++)
        {
            while (!rounds.Reader.TryRead(out _))
            {
                await PassAsync(Interval);
            }
        }

        await loop.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task WhatFailsForDaysIsToldLessAndLess()
    {
        var rounds = 0;
        using TestLoop loop = new(Clock(), _log, (loop, token) => loop.Repeat("the round", _ =>
        {
            rounds++;
            return _time.GetUtcNow() < FakeStart.AddDays(3) ? throw new AgentException(AgentFault.Unavailable, "the peer is away") : Task.FromResult<TimeSpan?>(null);
        }, token));
        await loop.StartAsync(_stop.Token);
        await UntilEndAsync(loop, TimeSpan.FromSeconds(30));

        // Tried at least every minute, and told after 0, 1, 3, 7, 15, 31 min, and then about each hour.
        Assert.InRange(rounds, 3 * 24 * 60, 4 * 24 * 60 * 2);
        Assert.InRange(_log.Lines.Count, 50, 85);
        Assert.All(_log.Lines, line => Assert.Equal(LogLevel.Warning, line.Level));
        Assert.Equal("the round failed; trying again: the peer is away", _log.Lines[0].Text);
        Assert.Matches(@"away \(\d+ times more since this was logged last\)$", _log.Lines[^1].Text);
    }

    [Fact]
    public void AFailureThatComesAndGoesOrIsNeverTheSameDoesNotFillTheJournal()
    {
        FailureLog flapping = new(_time, TimeSpan.FromMinutes(1), TimeSpan.FromHours(1));
        FailureLog counting = new(_time, TimeSpan.FromMinutes(1), TimeSpan.FromHours(1));
        var lines = 0;
        for (var second = 0; second < 3600; second++)
        {
            lines += flapping.Note(new IOException("the link is down"), out _) ? 1 : 0;
            lines += flapping.NoteSuccess() ? 1 : 0;
            lines += counting.Note(new IOException($"{second} of 3600"), out _) ? 1 : 0;
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.InRange(lines, 20, 160);
    }

    [Fact]
    public async Task ABugIsToldWithWhereItIs()
    {
        var rounds = 0;
        using TestLoop loop = new(Clock(), _log, (loop, token) => loop.Repeat("the round", _ => ++rounds == 1 ? throw new InvalidCastException("no such thing") : Task.FromResult<TimeSpan?>(rounds == 2 ? Interval : null), token));
        await loop.StartAsync(_stop.Token);
        await UntilEndAsync(loop);
        Assert.Equal([LogLevel.Error, LogLevel.Information], _log.Lines.Select(line => line.Level));
        Assert.Contains(nameof(ABugIsToldWithWhereItIs), _log.Lines[0].Text, StringComparison.Ordinal);
        Assert.Equal("the round works again", _log.Lines[1].Text);
    }

    [Fact]
    public async Task SeveralReasonsToWakeAreOneAndNoneIsLost()
    {
        WakeSignal wake = new();
        wake.Wake();
        wake.Wake();
        Assert.True(await wake.WaitAsync(Interval, _time, CancellationToken.None));
        var waiting = wake.WaitAsync(Interval, _time, CancellationToken.None);
        _time.Advance(Interval);
        Assert.False(await waiting);
        waiting = wake.WaitAsync(Timeout.InfiniteTimeSpan, _time, CancellationToken.None);
        wake.Wake();
        Assert.True(await waiting);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => wake.WaitAsync(Interval, _time, Cancelled));
    }

    [Fact]
    public void AHandlerThatThrowsBreaksNeitherWhoRaisedItNorOtherHandlers()
    {
        var told = 0;
        Action? handlers = () => told++;
        handlers += () => throw new ObjectDisposedException("a semaphore");
        handlers += () => told++;
        handlers.RaiseEach(_log);
        Assert.Equal(2, told);
        Assert.Contains(nameof(ObjectDisposedException), Assert.Single(_log.Lines).Text, StringComparison.Ordinal);
        ((Action?)null).RaiseEach(_log);
    }

    public void Dispose()
    {
        _stop.Cancel();
        _stop.Dispose();
    }

    private static DateTimeOffset FakeStart => new FakeTimeProvider().Start;

    private AgentClock Clock() => new(_time, new AgentTimeouts());

    /// <summary>Lets time pass, and what waits for it go on.</summary>
    private async Task PassAsync(TimeSpan time)
    {
        await Task.Yield();
        TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
        _time.Advance(time);
    }

    /// <summary>Each step once the loop waits for it.</summary>
    private async Task UntilEndAsync(BackgroundLoop loop, TimeSpan? step = null)
    {
        for (var seen = 0; !loop.ExecuteTask!.IsCompleted;)
        {
            if (_time.Timers > seen)
            {
                seen = _time.Timers;
                _time.Advance(step ?? TimeSpan.FromSeconds(10));
            }

            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    private sealed class CountingTime : FakeTimeProvider
    {
        private int _timers;

        /// <summary>How many were made so far.</summary>
        public int Timers => Volatile.Read(ref _timers);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = base.CreateTimer(callback, state, dueTime, period);
            Interlocked.Increment(ref _timers);
            return timer;
        }
    }

    private sealed class TestLoop(AgentClock clock, ILogger log, Func<TestLoop, CancellationToken, Task> run) : BackgroundLoop(clock, log)
    {
        protected override string Subject => "the test";

        public Task Repeat(string subject, Func<CancellationToken, Task<TimeSpan?>> round, CancellationToken token) => RepeatAsync(subject, round, token);

        protected override Task RunAsync(CancellationToken stoppingToken) => run(this, stoppingToken);
    }
}
