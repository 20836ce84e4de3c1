using System.CommandLine;
using Pulumi.Blanket.Lab;
using Pulumi.Blanket.Lab.Definition;
using Pulumi.Blanket.Lab.Machine;
using Pulumi.Blanket.Lab.Requirements;

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

        return await OpenAsync(name, paths, cancellationToken);
    }

    /// <summary>Opens the lab of that name, and tells what of the machine changed under it.</summary>
    /// <exception cref="LabException">It is not up.</exception>
    public static async Task<Blanket.Lab.Lab> OpenAsync(string name, LabPaths paths, CancellationToken cancellationToken)
    {
        var lab = await Blanket.Lab.Lab.OpenAsync(name, paths, cancellationToken);
        TellChanges(lab);
        return lab;
    }

    public static void TellChanges(Blanket.Lab.Lab lab)
    {
        if (lab.ChangedPackages is { } changes)
        {
            Consoles.Error.SayLine($"[yellow]warning:[/] the machine's packages changed since the lab '{lab.Name}' came up ({changes}); its hosts go on, and see a changed file as it was or as it is until they are started again");
        }
    }
}
