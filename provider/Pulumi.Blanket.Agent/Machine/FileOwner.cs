using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Pulumi.Blanket.Agent.Machine;

/// <summary>Whom a file belongs to.</summary>
internal sealed record FileOwner(uint User, uint Group)
{
    public static FileOwner Of(string path)
    {
        var status = FileStatus.Of(path) ?? throw new FileNotFoundException("there is no such file", path);
        return new FileOwner(status.User, status.Group);
    }

    /// <exception cref="IOException">It is not there, or this program is not root.</exception>
    public static void Set(string path, FileOwner owner)
    {
        if (NativeMethods.ChangeOwner(path, owner.User, owner.Group) != 0)
        {
            throw new IOException($"{path} could not be given to the user {owner.User}: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}");
        }
    }
}
