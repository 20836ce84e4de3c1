using Grpc.Core;
using Microsoft.Extensions.Time.Testing;
using Pulumi.Blanket.Agent.Timing;
using Pulumi.Blanket.Libvirt.Wire;

namespace Pulumi.Blanket.Agent.Tests;

/// <summary>Deadlines go by monotonic time, and only tests shorten them.</summary>
public sealed class AgentClockTests : IDisposable
{
    private readonly SteppedTime _time = new();
    private readonly string _file = Path.GetTempFileName();

    [Fact]
    public void AStepOfTheWallClockMovesNoDeadline()
    {
        AgentClock clock = new(_time, new AgentTimeouts());
        var deadline = clock.In(TimeSpan.FromSeconds(60));
        _time.Step = TimeSpan.FromDays(1);
        Assert.Equal(TimeSpan.FromDays(1), clock.Now - _time.Start);
        Assert.False(deadline.IsOver);
        _time.Step = -TimeSpan.FromDays(1);
        _time.Advance(TimeSpan.FromSeconds(60));
        Assert.False(deadline.IsOver);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.True(deadline.IsOver);
    }

    [Fact]
    public async Task ACallThatIsNotAnsweredInTimeSaysSo()
    {
        AgentClock clock = new(_time, new AgentTimeouts());
        CancellationToken seen = default;
        var call = clock.CallAsync(
            token =>
            {
                seen = token;
                return Unanswered(token);
            },
            TimeSpan.FromSeconds(5),
            CancellationToken.None);
        _time.Step = TimeSpan.FromHours(1);
        _time.Advance(TimeSpan.FromSeconds(4));
        Assert.False(call.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(2));
        var fault = await Assert.ThrowsAsync<RpcException>(() => call);
        Assert.Equal((StatusCode.DeadlineExceeded, "no answer within 5 s"), (fault.StatusCode, fault.Status.Detail));
        Assert.True(seen.IsCancellationRequested);
    }

    [Fact]
    public async Task ACallerThatCancelsIsNotToldOfATimeout()
    {
        AgentClock clock = new(_time, new AgentTimeouts());
        using CancellationTokenSource cancelled = new();
        var call = clock.CallAsync(Unanswered, TimeSpan.FromSeconds(5), cancelled.Token);
        await cancelled.CancelAsync();
        Assert.Equal(StatusCode.Cancelled, (await Assert.ThrowsAsync<RpcException>(() => call)).StatusCode);
    }

    [Fact]
    public async Task TimeoutsThatAFileGivesAreTakenAndOthersStayAsTheyAre()
    {
        await File.WriteAllTextAsync(_file, """{ "shutdown": "00:00:05", "movePoll": "00:00:00.010" }""", TestContext.Current.CancellationToken);
        Assert.Equal(new AgentTimeouts { Shutdown = TimeSpan.FromSeconds(5), MovePoll = TimeSpan.FromMilliseconds(10) }, AgentTimeoutsFile.Read(_file));
        Assert.Equal(["shutdown 00:00:05", "movePoll 00:00:00.0100000"], AgentTimeoutsFile.Changed(AgentTimeoutsFile.Read(_file)).OrderDescending(StringComparer.Ordinal));
        File.Delete(_file);
        Assert.Equal(new AgentTimeouts(), AgentTimeoutsFile.Read(_file));
        Assert.Empty(AgentTimeoutsFile.Changed(new AgentTimeouts()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("""{ "shutdwon": "00:00:05" }""")]
    [InlineData("""{ "shutdown": 5 }""")]
    [InlineData("""{ "shutdown": "00:00:00" }""")]
    [InlineData("""{ "shutdown": "-00:00:01" }""")]
    [InlineData("""{ "shutdown": "2.00:00:00" }""")]
    public async Task AFileWithAnythingElseInItIsRefused(string content)
    {
        await File.WriteAllTextAsync(_file, content, TestContext.Current.CancellationToken);
        Assert.Contains(_file, Assert.Throws<AgentException>(() => AgentTimeoutsFile.Read(_file)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AFileThatOthersCanWriteIsRefused()
    {
        await File.WriteAllTextAsync(_file, "{}", TestContext.Current.CancellationToken);
        File.SetUnixFileMode(_file, File.GetUnixFileMode(_file) | UnixFileMode.OtherWrite);
        Assert.Throws<AgentException>(() => AgentTimeoutsFile.Read(_file));
    }

    public void Dispose() => File.Delete(_file);

    private static AsyncUnaryCall<string> Unanswered(CancellationToken token)
    {
        TaskCompletionSource<string> answer = new();
        token.Register(() => answer.SetException(new RpcException(new Status(StatusCode.Cancelled, "cancelled"))));
        return new AsyncUnaryCall<string>(answer.Task, Task.FromResult(new Metadata()), static () => Status.DefaultSuccess, static () => [], static () => { });
    }

    /// <summary>A wall clock that is set, beside monotonic time that is not.</summary>
    private sealed class SteppedTime : FakeTimeProvider
    {
        public TimeSpan Step { get; set; }

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Step;

        public override long GetTimestamp() => base.GetUtcNow().Ticks;
    }
}
