namespace Pulumi.Blanket.Provider.Ssh;

/// <summary>How long connections wait, and how much they keep.</summary>
public sealed record SshOptions
{
    /// <summary>For reaching a host and logging in, all hops and attempts together; default 10 s.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The pause after the first failed attempt; default 100 ms. Each further one is twice as long, and each is shortened at random by up to a half.</summary>
    public TimeSpan FirstPause { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>The longest pause between attempts; default 2 s.</summary>
    public TimeSpan LongestPause { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>For opening a channel and starting its command; default 10 s.</summary>
    public TimeSpan OpenTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Silence, while something is in flight, after which the host is asked for a sign of life; default 3 s.</summary>
    public TimeSpan ProbeAfter { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Silence after which the next use asks for a sign of life first; default 30 s.</summary>
    public TimeSpan IdleTrust { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long the sign of life may take before the connection counts as lost, unless the host's kernel acknowledges what is sent; default 5 s.</summary>
    public TimeSpan ProbeTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a host may be silent whose kernel acknowledges what is sent: it is busy; default 2 min.</summary>
    public TimeSpan SilenceLimit { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Channels at once on one connection; default 8: sshd allows 10 (MaxSessions), counts one for a moment after its end, and one is kept for signs of life.</summary>
    public int MaxChannels { get; init; } = 8;

    /// <summary>What is kept of a command's output; default 1 MiB.</summary>
    public int MaxOutputBytes { get; init; } = 1024 * 1024;
}
