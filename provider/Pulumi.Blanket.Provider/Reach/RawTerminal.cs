using System.Runtime.InteropServices;

namespace Pulumi.Blanket.Provider.Reach;

/// <summary>The terminal on standard input while it hands on each key as it is; given back as it was.</summary>
internal sealed partial class RawTerminal : IDisposable
{
    private const int StandardInput = 0;

    /// <summary>TCSADRAIN: after what was written has been shown (termios(3)).</summary>
    private const int Drained = 1;

    /// <summary>Larger than struct termios is anywhere; what is in it is libc's business.</summary>
    private const int SettingsBytes = 256;

    private readonly byte[] _before;

    private RawTerminal(byte[] before) => _before = before;

    /// <returns>Null where there is no terminal.</returns>
    public static RawTerminal? Enter()
    {
        var before = new byte[SettingsBytes];
        if (GetAttributes(StandardInput, before) != 0)
        {
            return null;
        }

        byte[] raw = [.. before];
        MakeRaw(raw);
        return SetAttributes(StandardInput, Drained, raw) == 0 ? new RawTerminal(before) : null;
    }

    public void Dispose() => _ = SetAttributes(StandardInput, Drained, _before);

    [LibraryImport("libc", EntryPoint = "tcgetattr")]
    private static partial int GetAttributes(int descriptor, byte[] settings);

    [LibraryImport("libc", EntryPoint = "tcsetattr")]
    private static partial int SetAttributes(int descriptor, int when, byte[] settings);

    [LibraryImport("libc", EntryPoint = "cfmakeraw")]
    private static partial void MakeRaw(byte[] settings);
}
