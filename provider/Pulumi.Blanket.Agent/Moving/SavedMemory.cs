using System.Buffers.Binary;
using System.Text;
using Pulumi.Blanket.Contract;

namespace Pulumi.Blanket.Agent.Moving;

/// <summary>
/// The file in which libvirt keeps the memory of a VM that is suspended (struct <c>_virQEMUSaveHeader</c> of its <c>qemu_saveimage.h</c>). It has a definition of its own, and that is the one with which
/// libvirt starts the VM: so it is looked at like the one that came in the order.
/// </summary>
internal static class SavedMemory
{
    private const int Version = 2;
    private const int HeaderBytes = 92;
    private const int VersionAt = 16;
    private const int DataBytesAt = 20;
    private const int CookieAt = 32;

    /// <summary>Bytes that are no text end it: another program might read them as some.</summary>
    private static readonly UTF8Encoding Text = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>As long as a definition may be, and libvirt's cookie behind it.</summary>
    private const int MostDataBytes = 4 << 20;

    private static ReadOnlySpan<byte> Magic => "LibvirtQemudSave"u8;

    /// <summary>Removes one that is not as it has to be; does nothing where there is none.</summary>
    /// <exception cref="AgentException">It starts something else than this VM, or libvirt could read it otherwise than it was read here.</exception>
    public static void Check(MoveOrder order)
    {
        var path = MovedFiles.SavedMemory(order.Definition);
        if (!File.Exists(path))
        {
            return;
        }

        RequestFaults faults = new();
        using (var file = File.OpenRead(path))
        {
            Check(order, file, faults);
        }

        if (faults.Any)
        {
            File.Delete(path);
        }

        faults.ThrowIfAny($"the saved memory of {order.Name} can't be taken");
    }

    internal static void Check(MoveOrder order, Stream file, RequestFaults faults)
    {
        var header = new byte[HeaderBytes];
        if (file.ReadAtLeast(header, HeaderBytes, throwOnEndOfStream: false) < HeaderBytes || !header.AsSpan(0, Magic.Length).SequenceEqual(Magic)
            || BinaryPrimitives.ReadInt32LittleEndian(header.AsSpan(VersionAt)) != Version
            || BinaryPrimitives.ReadInt32LittleEndian(header.AsSpan(DataBytesAt)) is not (> 0 and <= MostDataBytes and var count))
        {
            faults.Expect(false, "it is none of libvirt's");
            return;
        }

        var data = new byte[count];
        if (file.ReadAtLeast(data, count, throwOnEndOfStream: false) < count)
        {
            faults.Expect(false, "it is cut");
            return;
        }

        // A string of C, with libvirt's cookie right behind it or none. An XML declaration could name an encoding in which libvirt's parser reads something else than this one.
        var end = data.AsSpan().IndexOf((byte)0);
        var cookie = BinaryPrimitives.ReadInt32LittleEndian(header.AsSpan(CookieAt));
        if (end < 0 || (cookie != 0 && cookie != end + 1) || !data.AsSpan().StartsWith("<domain"u8))
        {
            faults.Expect(false, "it is none of libvirt's");
            return;
        }

        try
        {
            MovedDefinitionCheck.Check(order, Text.GetString(data.AsSpan(0, end)), faults);
        }
        catch (DecoderFallbackException)
        {
            faults.Expect(false, "its definition is no text");
        }
    }
}
