namespace Pulumi.Blanket.Libvirt.Wire;

/// <summary>Status of a message (<c>enum virNetMessageStatus</c> in <c>src/rpc/virnetprotocol.x</c>).</summary>
internal enum MessageStatus
{
    Ok = 0,
    Error = 1,
    Continue = 2,
}
