namespace Pulumi.Blanket.Provider.Ssh.Agent;

/// <summary>How agents are reached, and how a dead one is noticed.</summary>
public sealed record AgentOptions
{
    public const string DefaultCommand = "/usr/local/sbin/blanket-agent connect";

    /// <summary>
    /// What joins a channel to the agent; default <see cref="DefaultCommand"/>. On an account whose key may run only one command, that
    /// one runs whatever is asked for.
    /// </summary>
    public string Command { get; init; } = DefaultCommand;

    /// <summary>Put before the command for users other than root; default <c>sudo -n</c>. Empty where the account needs none.</summary>
    public string Sudo { get; init; } = "sudo -n";

    /// <summary>Silence after which the agent is pinged, also between calls; default 2 s.</summary>
    public TimeSpan PingDelay { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long anything that was sent, pings too, may stay without an answer before all calls end as unavailable, unless the host's kernel acknowledges it; default 6 s.</summary>
    public TimeSpan AnswerTimeout { get; init; } = TimeSpan.FromSeconds(6);

    /// <summary>The same where the host's kernel acknowledges what is sent: it is busy; default 2 min.</summary>
    public TimeSpan SilenceLimit { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>A fabric's account: its key runs the command by itself, and needs nobody's rights for it.</summary>
    public string Account { get; init; } = "blanket";

    internal string CommandFor(SshTarget target) => target.User == SshTarget.DefaultUser || target.User == Account || Sudo.Length == 0 ? Command : $"{Sudo} {Command}";
}
