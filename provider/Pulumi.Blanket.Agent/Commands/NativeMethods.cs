using System.Runtime.InteropServices;

namespace Pulumi.Blanket.Agent.Commands;

internal static partial class NativeMethods
{
    /// <returns>The mask that was in force.</returns>
    [LibraryImport("libc", EntryPoint = "umask")]
    public static partial uint Umask(uint mask);
}
