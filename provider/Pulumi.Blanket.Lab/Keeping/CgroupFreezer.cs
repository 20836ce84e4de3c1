namespace Pulumi.Blanket.Lab.Keeping;

/// <summary>Freezes all processes of a control group at once, in version 1 (<c>freezer.state</c>) or 2 (<c>cgroup.freeze</c>).</summary>
internal static class CgroupFreezer
{
    public static bool Freeze(string folder) => Set(folder, "FROZEN", "1");

    public static bool Thaw(string folder) => Set(folder, "THAWED", "0");

    /// <summary>True once all are frozen, not already when that was asked for.</summary>
    public static bool IsFrozen(string folder)
        => Holds(Path.Combine(folder, "freezer.state"), "FROZEN") || Holds(Path.Combine(folder, "cgroup.events"), "frozen 1");

    private static bool Holds(string file, string line) => File.Exists(file) && File.ReadAllLines(file).Contains(line);

    private static bool Set(string folder, string stateOfVersion1, string valueOfVersion2)
    {
        foreach (var (file, value) in ((string, string)[])[("freezer.state", stateOfVersion1), ("cgroup.freeze", valueOfVersion2)])
        {
            var path = Path.Combine(folder, file);
            if (!File.Exists(path))
            {
                continue;
            }

            try
            {
                File.WriteAllText(path, value);
                return true;
            }
            catch (IOException)
            {
                // the group ended while we looked
            }
        }

        return false;
    }
}
