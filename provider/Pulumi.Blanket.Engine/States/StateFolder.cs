using Pulumi.Blanket.Files;

namespace Pulumi.Blanket.Engine.States;

/// <summary>Folders of states: for nobody else to read, since settings that are not secret stand in them in the clear.</summary>
internal static class StateFolder
{
    public const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Makes a folder, and those above it, where they are missing.</summary>
    public static void Make(string path)
    {
        if (!Directory.Exists(path))
        {
            Folder.Make(path, Private);
        }
    }
}
