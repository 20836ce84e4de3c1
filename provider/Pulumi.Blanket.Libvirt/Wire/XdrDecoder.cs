namespace Pulumi.Blanket.Libvirt.Wire;

/// <summary>Reads one value.</summary>
internal delegate T XdrDecoder<out T>(ref XdrReader reader);
