using YamlDotNet.RepresentationModel;

namespace Pulumi.Blanket.Lab.Guest;

/// <summary>
/// A NoCloud seed: a volume labelled <c>cidata</c> (ISO 9660 or FAT, label in either case) with the files <c>meta-data</c>,
/// <c>user-data</c> and <c>network-config</c>, as cloud-init documents it. The guest understands the part that tests use.
/// </summary>
internal sealed class Seed
{
    private const string MountPoint = "/seed";

    private readonly YamlMappingNode? _metaData = Load("meta-data");
    private readonly YamlMappingNode? _userData = Load("user-data");

    /// <summary>The <c>network-config</c>, version 2; null when the seed has none.</summary>
    public YamlMappingNode? NetworkConfig { get; } = Load("network-config");

    /// <summary>Mounts the seed and takes its host name; null when no volume is labelled <c>cidata</c>.</summary>
    public static Seed? Find()
    {
        var device = (Busybox.Run("findfs", "LABEL=cidata") ?? Busybox.Run("findfs", "LABEL=CIDATA"))?.Trim();
        if (string.IsNullOrEmpty(device))
        {
            return null;
        }

        Directory.CreateDirectory(MountPoint);
        if (!Mount("iso9660", device) && !Mount("vfat", device))
        {
            Console.WriteLine($"blanket guest: the seed on {device} can't be mounted");
            return null;
        }

        var seed = new Seed();
        var hostname = seed._userData.Text("hostname") ?? seed._metaData.Text("local-hostname");
        if (hostname is not null)
        {
            Busybox.Run("hostname", hostname);
        }

        return seed;
    }

    /// <summary>Lets the seed's keys log in as root: top-level <c>ssh_authorized_keys</c> and those of each user.</summary>
    public void InstallKeys()
    {
        List<string> keys = [.. _userData.Texts("ssh_authorized_keys"), .. _metaData.Texts("public-keys")];
        foreach (var user in (_userData.Child("users") as YamlSequenceNode)?.Children ?? [])
        {
            keys.AddRange((user as YamlMappingNode).Texts("ssh_authorized_keys"));
        }

        Directory.CreateDirectory("/root/.ssh");
        File.WriteAllLines("/root/.ssh/authorized_keys", keys);
        File.SetUnixFileMode("/root/.ssh/authorized_keys", UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.SetUnixFileMode("/root/.ssh", UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private static bool Mount(string type, string device)
    {
        Drivers.Load(type);
        return Busybox.Run("mount", "-o", "ro", "-t", type, device, MountPoint) is not null;
    }

    private static YamlMappingNode? Load(string name)
    {
        var path = Path.Combine(MountPoint, name);
        if (!File.Exists(path))
        {
            return null;
        }

        try
        {
            var yaml = new YamlStream();
            yaml.Load(new StringReader(File.ReadAllText(path)));
            return yaml.Documents.Count == 0 ? null : yaml.Documents[0].RootNode as YamlMappingNode;
        }
        catch (YamlDotNet.Core.YamlException fault)
        {
            Console.WriteLine($"blanket guest: {name} of the seed is no YAML: {fault.Message}");
            return null;
        }
    }
}
