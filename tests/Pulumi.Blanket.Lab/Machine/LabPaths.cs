namespace Pulumi.Blanket.Lab;

/// <summary>Where labs lie on the machine: one folder for what is cached, one per lab.</summary>
/// <param name="Root"><c>/var/lib/blanket-lab</c>, or what the environment variable <c>BLANKET_LAB_DIRECTORY</c> names.</param>
public sealed record LabPaths(string Root)
{
    public const string Variable = "BLANKET_LAB_DIRECTORY";

    public static LabPaths FromEnvironment()
        => new(Path.GetFullPath(Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } folder ? folder : "/var/lib/blanket-lab"));

    /// <summary>Guest images, package repository and bare layer; made once, kept between labs.</summary>
    public string Cache => Path.Combine(Root, "cache");

    public string Labs => Path.Combine(Root, "labs");

    public string Lab(string name) => Path.Combine(Labs, name);

    /// <summary>Scripts and the guest's program, beside this assembly.</summary>
    internal static string Programs => Path.Combine(AppContext.BaseDirectory, "lab");
}
