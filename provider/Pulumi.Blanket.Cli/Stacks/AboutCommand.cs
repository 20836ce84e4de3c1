using System.CommandLine;
using System.Runtime.InteropServices;
using Pulumi.Blanket.Engine;
using Pulumi.Blanket.Engine.States;
using Spectre.Console;

namespace Pulumi.Blanket.Cli.Stacks;

/// <summary><c>blanket about</c>: what is here, for a look and for bug reports.</summary>
internal static class AboutCommand
{
    public static Command Create()
    {
        Command command = new("about", "Show versions, the plugin, and where the states are");
        command.SetAction(parsed =>
        {
            var workspace = Workspace.Open(parsed);
            var table = new Table { Border = TableBorder.None, ShowHeaders = false }.AddColumns("", "");
            table.AddRow("blanket", typeof(AboutCommand).Assembly.GetName().Version?.ToString(3) ?? "?");
            table.AddRow("as Pulumi", CheckpointFormat.EngineVersion);
            table.AddRow("plugin", Markup.Escape(Plugin(workspace)));
            table.AddRow("system", Markup.Escape($"{RuntimeInformation.OSDescription}, {RuntimeInformation.OSArchitecture}, {RuntimeInformation.FrameworkDescription}"));
            table.AddRow("project", Markup.Escape(workspace.ProjectOrNone is { } project ? $"{project.Name}, {project.File}" : "none here"));
            if (workspace.ProjectOrNone is not null)
            {
                table.AddRow("states", Markup.Escape(workspace.Backend.Root));
                table.AddRow("stacks", Markup.Escape(string.Join(", ", workspace.Backend.List(workspace.Project.Name).Select(stack => stack.Stack.Stack)) is { Length: > 0 } stacks ? stacks : "none yet"));
            }

            Consoles.Output.Write(table);
            return ExitCodes.Success;
        });
        return command;
    }

    private static string Plugin(Workspace workspace)
    {
        try
        {
            return workspace.CreateFinder().Find("blanket", "");
        }
        catch (EngineException fault)
        {
            return fault.Message;
        }
    }
}
