namespace Pulumi.Blanket.Libvirt;

/// <summary>Reads one value.</summary>
internal delegate T XdrDecoder<out T>(ref XdrReader reader);
