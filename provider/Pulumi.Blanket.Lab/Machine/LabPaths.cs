using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Pulumi.Blanket.Lab.Definition;

namespace Pulumi.Blanket.Lab.Machine;

/// <summary>Where labs lie on the machine: one folder for what is cached, one per lab.</summary>
/// <param name="Root"><c>/var/lib/blanket-lab</c>, or what the environment variable <c>BLANKET_LAB_DIRECTORY</c> names.</param>
public sealed partial record LabPaths(string Root)
{
    public const string Variable = "BLANKET_LAB_DIRECTORY";

    /// <summary>Names the process, by its number, with which the labs that are made from now on end; without it they stay until `down`.</summary>
    public const string OwnerVariable = "BLANKET_LAB_OWNER";

    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <exception cref="LabException">The folder named by the environment has a character in it that mount options can't carry.</exception>
    public static LabPaths FromEnvironment()
    {
        var folder = Path.GetFullPath(Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named ? named : "/var/lib/blanket-lab");
        return PlainPath().IsMatch(folder)
            ? new LabPaths(folder)
            : throw new LabException(LabFailure.InvalidInput, $"{Variable} is '{folder}'; name a folder whose path has only letters, digits, '.', '_', '-' and '/'");
    }

    /// <summary>Guest images, package repository and bare layer; made once, kept between labs.</summary>
    public string Cache => Path.Combine(Root, "cache");

    public string Labs => Path.Combine(Root, "labs");

    /// <summary>The folder of a lab.</summary>
    /// <exception cref="LabException">No lab can have that name.</exception>
    public string Lab(string name) => Path.Combine(Labs, LabDefinition.CheckedName(name));

    /// <summary>Name of a lab's control group, and of whatever else has to be unique on the machine: labs of one name may lie in different folders.</summary>
    internal string UniqueName(string name) => $"{LabDefinition.CheckedName(name)}.{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Root)))[..8]}";

    /// <exception cref="LabException">What the environment names is no process.</exception>
    internal static string? Owner => Environment.GetEnvironmentVariable(OwnerVariable) is not { Length: > 0 } owner ? null
        : int.TryParse(owner, out var id) && Directory.Exists($"/proc/{id}") ? owner
        : throw new LabException(LabFailure.InvalidInput, $"{OwnerVariable} is '{owner}', which is no process; name the number of the one that the lab shall end with, or nothing");

    /// <summary>Makes a folder in which only root can look: hosts' disks hold private keys.</summary>
    internal static void CreatePrivate(string folder) => Directory.CreateDirectory(folder, Private);

    /// <summary>Scripts and the guest's program, beside this assembly.</summary>
    internal static string Programs => Path.Combine(AppContext.BaseDirectory, "lab");

    [GeneratedRegex(@"\A[A-Za-z0-9._/-]+\z")]
    private static partial Regex PlainPath();
}
