using CsCheck;
using Pulumi.Blanket.Agent.Fabrics;

namespace Pulumi.Blanket.Agent.Tests;

/// <summary>Which member is slow and which can't be reached, over random histories of a kernel's TCP connections.</summary>
public sealed class PathJudgeTests
{
    private static readonly TimeSpan SilenceLimit = TimeSpan.FromSeconds(12);

    private static readonly TimeSpan LastAcknowledgement = TimeSpan.FromSeconds(90);

    /// <summary>Connections by their first retransmission time-outs, and pauses between two observations.</summary>
    private static readonly Gen<(int[] TimeoutsMs, int[] PausesMs)> Histories
        = Gen.Select(Gen.Int[200, 700].Array[1, 4], Gen.Int[300, 1400].Array[40]);

    [Fact]
    public void ACutIsFoundWithinSecondsAndNothingIsFoundBefore() => Gen.Select(Histories, Gen.Int[0, 20_000]).Sample((history, cutMs) =>
    {
        PathJudge judge = new(TimeSpan.Zero, SilenceLimit);
        var nowMs = 0;
        foreach (var pause in history.PausesMs)
        {
            nowMs += pause;
            var isCut = nowMs > cutMs;
            var state = judge.Observe(Ms(nowMs), answers: !isCut, isCut ? [.. history.TimeoutsMs.Select((timeout, index) => Cut(index, timeout, nowMs - cutMs))] : null);
            Assert.True(isCut || state == PathState.Answering);
            Assert.True(state != PathState.Dead || nowMs - cutMs >= PathJudge.AcknowledgementLimit.TotalMilliseconds, $"dead {nowMs - cutMs} ms after the cut");
            if (state == PathState.Dead)
            {
                Assert.Contains("acknowledged", judge.Reason, StringComparison.Ordinal);
                return;
            }

            Assert.True(nowMs - cutMs <= PathJudge.AcknowledgementLimit.TotalMilliseconds + 1400, $"not dead {nowMs - cutMs} ms after the cut");
        }
    });

    [Fact]
    public void AMemberWhoseKernelAcknowledgesIsNeverDeadHoweverSlowItsAgentIs() => Gen.Select(Histories, Gen.Int[100, 2000]).Sample((history, roundTripMs) =>
    {
        // Each packet is acknowledged, after up to 2 s; the agent does not answer for 11 s, answers once, and so on.
        PathJudge judge = new(TimeSpan.Zero, SilenceLimit);
        var (nowMs, silentMs) = (0, 0);
        foreach (var pause in history.PausesMs)
        {
            nowMs += pause;
            silentMs += pause;
            var answers = silentMs > 10_500;
            silentMs = answers ? 0 : silentMs;
            var state = judge.Observe(Ms(nowMs), answers, [.. history.TimeoutsMs.Select((timeout, index) => Delayed(index, timeout, nowMs, roundTripMs))]);
            Assert.Equal(answers ? PathState.Answering : PathState.Slow, state);
        }
    });

    [Fact]
    public void OneConnectionThatStandsStillIsNoCutWhileAnotherGoesOn() => Histories.Sample(history =>
    {
        PathJudge judge = new(TimeSpan.Zero, TimeSpan.MaxValue);
        var nowMs = 0;
        foreach (var pause in history.PausesMs)
        {
            nowMs += pause;
            Assert.Equal(PathState.Slow, judge.Observe(Ms(nowMs), answers: false, [Cut(0, history.TimeoutsMs[0], nowMs), new("other", 1, nowMs, 0, Ms(200), TimeSpan.Zero, TimeSpan.Zero)]));
        }
    });

    [Fact]
    public void ALongIdleConnectionThatHasJustSentSomethingIsNotCut()
    {
        PathJudge judge = new(TimeSpan.Zero, SilenceLimit);
        Assert.Equal(PathState.Slow, judge.Observe(Ms(100), answers: false, [new("idle", 1, 5, 0, Ms(204), TimeSpan.Zero, LastAcknowledgement)]));
        Assert.Equal(PathState.Slow, judge.Observe(Ms(1500), answers: false, [new("idle", 1, 5, 2, Ms(816), Ms(780), LastAcknowledgement)]));
    }

    [Fact]
    public void AConnectionThatAFormerCutHasStoppedSaysNothing()
    {
        // The kernel tries it again 12.8 s after the last time, and has not yet: the path is whole again since.
        PathJudge judge = new(TimeSpan.Zero, SilenceLimit);
        Assert.Equal(PathState.Answering, judge.Observe(Ms(60_000), answers: true, null));
        for (var nowMs = 61_000; nowMs < 68_000; nowMs += 1000)
        {
            Assert.Equal(PathState.Slow, judge.Observe(Ms(nowMs), answers: false, [new("stopped", 1, 5, 6, Ms(12_800), Ms(nowMs - 56_000), Ms(nowMs - 40_000))]));
        }
    }

    [Fact]
    public void AnAgentThatIsSilentForTooLongIsDeadThoughItsKernelAcknowledges()
    {
        PathJudge judge = new(TimeSpan.Zero, SilenceLimit);
        IReadOnlyList<PathConnection> acknowledged = [new("a", 0, 5, 0, Ms(204), Ms(300), Ms(300))];
        Assert.Equal(PathState.Slow, judge.Observe(Ms(11_900), answers: false, acknowledged));
        Assert.Equal(PathState.Dead, judge.Observe(Ms(12_000), answers: false, acknowledged));
        Assert.Equal("its agent did not answer for 12 s", judge.Reason);
        Assert.Equal(PathState.Answering, judge.Observe(Ms(12_100), answers: true, acknowledged));
        Assert.Equal(PathState.Slow, judge.Observe(Ms(24_000), answers: false, acknowledged));
    }

    [Fact]
    public void WithoutAConnectionNothingShowsThatAnybodyIsThere()
    {
        PathJudge judge = new(TimeSpan.Zero, TimeSpan.MaxValue);
        Assert.Equal(PathState.Slow, judge.Observe(Ms(4_900), answers: false, []));
        Assert.Equal(PathState.Slow, judge.Observe(Ms(5_100), answers: false, null)); // not known: nothing follows from it
        Assert.Equal(PathState.Dead, judge.Observe(Ms(5_200), answers: false, []));
    }

    [Fact]
    public void APathThatTheKernelKnowsToBeSlowIsGivenLonger()
    {
        // Its first retransmission is due after 2.4 s.
        PathJudge judge = new(TimeSpan.Zero, SilenceLimit);
        Assert.Equal(PathState.Slow, judge.Observe(Ms(1000), answers: false, [Cut(0, 2400, 1000)]));
        Assert.Equal(PathState.Slow, judge.Observe(Ms(4000), answers: false, [Cut(0, 2400, 4000)]));
        Assert.Equal(PathState.Dead, judge.Observe(Ms(7300), answers: false, [Cut(0, 2400, 7300)]));
    }

    [Fact]
    public void ReadsWhatTheKernelSays()
    {
        var read = PeerPath.Parse("""
            ESTAB    0 3797504 10.42.0.1:45890 10.42.0.2:49152 bbr wscale:10,10 rto:816 backoff:2 rtt:6.048/12.015 mss:1340 bytes_sent:113206 bytes_retrans:54 bytes_acked:113153 lastsnd:80 lastrcv:96 lastack:1432 unacked:9 retrans:1/3 minrtt:0.044
            FIN-WAIT-1 0 1 10.42.0.1:45894 10.42.0.2:49153 cubic rto:12800 backoff:6 unacked:1 lastsnd:5000 lastack:30000
            SYN-SENT 0 1 10.42.0.1:45892 10.42.0.2:51820 cubic rto:2000 backoff:1 mss:524 cwnd:1 unacked:1 retrans:1/1 lost:1

            """);
        Assert.Equal(
            [
                new PathConnection("10.42.0.1:45890 10.42.0.2:49152", 9, 113153, 2, Ms(816), Ms(80), Ms(1432)),
                new PathConnection("10.42.0.1:45892 10.42.0.2:51820", 1, 0, 1, Ms(2000), TimeSpan.Zero, TimeSpan.Zero),
            ], read);
        Assert.Equal(Ms(692), read[0].LeastAge);
    }

    /// <summary>One that had something on its way when the path was cut.</summary>
    private static PathConnection Cut(int index, int timeoutMs, int sinceMs)
    {
        var backoff = 0;
        while (timeoutMs * ((1 << (backoff + 1)) - 1) <= sinceMs)
        {
            backoff++;
        }

        return new($"{index}", 3, 1000, backoff, Ms(timeoutMs << backoff), Ms(sinceMs - (timeoutMs * ((1 << backoff) - 1))), Ms(sinceMs));
    }

    /// <summary>One whose packets are acknowledged after a time, one after the other.</summary>
    private static PathConnection Delayed(int index, int timeoutMs, int nowMs, int roundTripMs)
    {
        var cut = Cut(index, timeoutMs, nowMs % roundTripMs);
        return cut with { AcknowledgedBytes = nowMs / roundTripMs, Unacknowledged = index % 3 };
    }

    private static TimeSpan Ms(int milliseconds) => TimeSpan.FromMilliseconds(milliseconds);
}
