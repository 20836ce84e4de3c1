using System.CommandLine;
using Pulumi.Blanket.Lab;

namespace Pulumi.Blanket.Cli.Lab;

/// <summary>Arguments and options that several verbs share, made anew for each since a symbol belongs to one command.</summary>
internal static class LabArguments
{
    public static Argument<string> Name() => new("name")
    {
        Description = "The lab's name",
        DefaultValueFactory = _ => LabDefinition.DefaultName,
    };

    public static Option<string> Lab() => new("--lab", "-l")
    {
        Description = "The lab's name",
        DefaultValueFactory = _ => LabDefinition.DefaultName,
        Recursive = true,
    };

    public static Argument<string> Host(string name = "host") => new(name) { Description = "A host of the lab" };

    public static Task<Blanket.Lab.Lab> OpenAsync(string name, CancellationToken cancellationToken)
        => Blanket.Lab.Lab.OpenAsync(name, LabPaths.FromEnvironment(), cancellationToken);
}
