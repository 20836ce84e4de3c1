using System.Diagnostics;
using System.Security.Cryptography;

namespace Pulumi.Blanket.Provider.Operations;

/// <summary>One call of the engine, from its start to its answer.</summary>
internal sealed class Operation : IDisposable
{
    private readonly CancellationTokenSource _source;
    private readonly long _start = Stopwatch.GetTimestamp();
    private TimeSpan? _limit;

    public Operation(string method, CancellationToken clientGone, CancellationToken cancelled)
    {
        Method = method;
        _source = CancellationTokenSource.CreateLinkedTokenSource(clientGone, cancelled);
    }

    /// <summary>Random; made when it is first asked for, since most calls need none.</summary>
    public string Id => field ??= RandomNumberGenerator.GetHexString(6, lowercase: true);

    public string Method { get; }

    /// <summary>What it is about; empty for what is about no resource.</summary>
    public string Urn { get; set; } = "";

    /// <summary>Cancelled when the engine cancels, or goes away, or the time is over.</summary>
    public CancellationToken Token => _source.Token;

    public TimeSpan Elapsed => Stopwatch.GetElapsedTime(_start);

    public bool IsOverdue => _limit is { } limit && Elapsed >= limit - TimeSpan.FromMilliseconds(20);

    /// <summary>For messages: what the call does, to what.</summary>
    public string Title => Urn.Length == 0 ? Method : $"{Method} of {Urn[(Urn.LastIndexOf("::", StringComparison.Ordinal) + 2)..]}";

    public string OverdueMessage
        => $"{Title} did not end within {_limit?.TotalSeconds:0.#} s; what was begun may be going on; try again, and where it needs more time, set the resource option customTimeouts.{Method.ToLowerInvariant()}";

    /// <summary>Cancels the operation after that time.</summary>
    public void LimitTo(TimeSpan limit)
    {
        _limit = limit;
        if (limit.TotalMilliseconds < int.MaxValue)
        {
            _source.CancelAfter(limit);
        }
    }

    public void Dispose() => _source.Dispose();
}
