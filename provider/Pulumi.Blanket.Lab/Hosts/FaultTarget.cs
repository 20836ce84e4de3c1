namespace Pulumi.Blanket.Lab.Hosts;

/// <summary>What on a host a fault hits: <c>sshd</c>, <c>libvirtd</c>, <c>qemu:DOMAIN</c>, or the whole <c>host</c>.</summary>
public sealed record FaultTarget
{
    private FaultTarget(string name, string? program = null, string? domain = null)
    {
        Name = name;
        Program = program;
        Domain = domain;
    }

    public static FaultTarget Sshd { get; } = new("sshd", program: "/usr/sbin/sshd");

    public static FaultTarget Libvirtd { get; } = new("libvirtd", program: "/usr/sbin/libvirtd");

    public static FaultTarget Host { get; } = new("host");

    public string Name { get; }

    internal string? Program { get; }

    internal string? Domain { get; }

    internal bool IsHost => this == Host;

    public static FaultTarget Qemu(string domain) => new($"qemu:{domain}", domain: domain);

    /// <exception cref="LabException">The text names no target.</exception>
    public static FaultTarget Parse(string text) => text switch
    {
        "sshd" => Sshd,
        "libvirtd" => Libvirtd,
        "host" => Host,
        _ when text.StartsWith("qemu:", StringComparison.Ordinal) && text.Length > 5 => Qemu(text[5..]),
        _ => throw new LabException(LabFailure.InvalidInput, $"'{text}' is nothing that a fault can hit; use sshd, libvirtd, qemu:DOMAIN or host"),
    };

    public override string ToString() => Name;
}
