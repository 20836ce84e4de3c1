namespace Pulumi.Blanket.Provider.Ssh;

/// <summary>A host as it is reached over SSH.</summary>
public sealed record SshTarget(string Address)
{
    public const int DefaultPort = 22;
    public const string DefaultUser = "root";

    public int Port { get; init; } = DefaultPort;

    public string User { get; init; } = DefaultUser;

    public SshCredentials Credentials { get; init; } = new();

    /// <summary>The key that the host has to prove itself with, as <c>ssh-ed25519 AAAA…</c>; null trusts the one that it shows.</summary>
    public string? HostKey { get; init; }

    /// <summary>Hosts to go through, the first one first. What they have in their own <see cref="Jumps"/> does not count.</summary>
    public IReadOnlyList<SshTarget> Jumps { get; init; } = [];

    /// <summary>As people write it: <c>user@address:port</c>, without jumps.</summary>
    internal string Name => Address.Contains(':', StringComparison.Ordinal) ? $"{User}@[{Address}]:{Port}" : $"{User}@{Address}:{Port}";

    /// <summary>Who shares a connection: the same account of the same host by the same way. Credentials stand in it only as a fingerprint.</summary>
    internal string Identity
        => string.Join(" > ", [.. Jumps.Select(jump => jump.OwnIdentity), OwnIdentity]);

    /// <summary>The last hop before the host, with the way to it; null where there is none.</summary>
    internal SshTarget? LastJump => Jumps.Count == 0 ? null : Jumps[^1] with { Jumps = [.. Jumps.Take(Jumps.Count - 1)] };

    private string OwnIdentity => $"{Name} {Credentials.Fingerprint}";

    public bool Equals(SshTarget? other)
        => other is not null && Identity == other.Identity && HostKey == other.HostKey && Jumps.Select(jump => jump.HostKey).SequenceEqual(other.Jumps.Select(jump => jump.HostKey));

    public override int GetHashCode() => Identity.GetHashCode(StringComparison.Ordinal);

    /// <summary>For messages: account, address, port, and the way there.</summary>
    public override string ToString() => Jumps.Count == 0 ? Name : $"{Name} (via {string.Join(", ", Jumps.Select(jump => jump.Name))})";
}
