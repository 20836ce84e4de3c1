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

    public static Option<string?> Lab() => new("--lab", "-l") { Description = "The lab's name (default: the only one that is up, else 'default')", Recursive = true };

    public static Argument<string> Host(string name = "host") => new(name) { Description = "A host of the lab" };

    /// <summary>Opens the lab of that name; without a name the only one there is.</summary>
    /// <exception cref="LabException">It is not up, or there are several and none was named.</exception>
    public static async Task<Blanket.Lab.Lab> OpenAsync(string? name, CancellationToken cancellationToken)
    {
        var paths = LabPaths.FromEnvironment();
        LabRequirements.CheckMachine(new MachineFacts());
        if (name is null)
        {
            var names = Blanket.Lab.Lab.Names(paths);
            name = names switch
            {
                [var only] => only,
                _ when names.Count == 0 || names.Contains(LabDefinition.DefaultName) => LabDefinition.DefaultName,
                _ => throw new LabException(LabFailure.InvalidInput, $"there are several labs, {string.Join(", ", names)}; say which with --lab NAME"),
            };
        }

        return await Blanket.Lab.Lab.OpenAsync(name, paths, cancellationToken);
    }
}
