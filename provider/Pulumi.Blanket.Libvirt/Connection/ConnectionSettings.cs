namespace Pulumi.Blanket.Libvirt.Connection;

/// <summary>What one connection needs to know.</summary>
/// <param name="Open">Opens the stream to libvirtd.</param>
/// <param name="Uri">The driver, such as <c>qemu:///system</c>.</param>
/// <param name="ConnectTimeout">For the stream and the greeting together.</param>
/// <param name="KeepaliveInterval">Silence after which the other side is pinged.</param>
/// <param name="KeepaliveCount">Pings without any sign of life that end the connection; 0: neither side sends any.</param>
internal sealed record ConnectionSettings(
    Func<CancellationToken, ValueTask<Stream>> Open,
    string Uri,
    TimeSpan ConnectTimeout,
    TimeSpan KeepaliveInterval,
    int KeepaliveCount);
