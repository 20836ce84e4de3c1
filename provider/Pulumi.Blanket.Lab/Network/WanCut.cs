namespace Pulumi.Blanket.Lab.Network;

/// <summary>A cut: of everything that <paramref name="Host"/> sends and gets, or only of what goes between it and <paramref name="Peer"/>.</summary>
public sealed record WanCut(string Host, string? Peer = null)
{
    public static WanCut Between(string host, string? peer)
        => peer is null || string.CompareOrdinal(host, peer) <= 0 ? new WanCut(host, peer) : new WanCut(peer, host);

    public override string ToString() => Peer is null ? Host : $"{Host} – {Peer}";
}
