namespace Pulumi.Blanket.Lab.Guest;

/// <summary>Loads the drivers that not every guest needs, once something is there for them. Those that all need are loaded before this program runs.</summary>
internal static class Drivers
{
    private const string Folder = "/lib/modules";
    private const string IdeClass = "0x0101";
    private static readonly string[] ScsiControllers = ["0x1004", "0x1048"];

    private static readonly Lock Loading = new();
    private static readonly HashSet<string> Loaded = [];

    /// <summary>For the controllers that are there by now: a guest gets some while it runs.</summary>
    public static void LoadForControllers()
    {
        foreach (var device in Directory.GetDirectories("/sys/bus/pci/devices"))
        {
            if (File.ReadAllText(Path.Combine(device, "class")).StartsWith(IdeClass, StringComparison.Ordinal))
            {
                Load("ide");
            }
            else if (ScsiControllers.Contains(File.ReadAllText(Path.Combine(device, "device")).Trim()))
            {
                Load("scsi");
            }
        }
    }

    /// <summary>The drivers of a list, in its order.</summary>
    public static void Load(string list)
    {
        lock (Loading)
        {
            foreach (var module in File.ReadLines(Path.Combine(Folder, list)).Where(Loaded.Add))
            {
                Busybox.Run("insmod", Path.Combine(Folder, module)); // fails for what is there already
            }
        }
    }
}
