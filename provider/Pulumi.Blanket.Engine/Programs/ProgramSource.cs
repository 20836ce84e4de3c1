using System.Diagnostics;
using System.Text;
using Pulumi.Blanket.Engine.Plugins;
using Pulumi.Blanket.Engine.Projects;

namespace Pulumi.Blanket.Engine.Programs;

/// <summary>Where a project's program stands: in a file of its own, in the project's file, or in what a compiler prints (as pulumi-yaml has it).</summary>
public static class ProgramSource
{
    // The first that is there; a program of its own comes before what the project's file may have.
    private static readonly string[] FileNames = ["Main.json", "Main.yaml", "Main.yml", .. Project.FileNames];

    /// <summary>The program's file.</summary>
    /// <exception cref="EngineException">There is none where the project says.</exception>
    public static string FileOf(Project project)
    {
        var main = Path.GetFullPath(project.Main, project.Folder);
        return File.Exists(main)
            ? main
            : FileNames.Select(name => Path.Combine(main, name)).FirstOrDefault(File.Exists)
                ?? throw new EngineException(EngineFailure.InvalidProgram, $"the project's `main` is {main}, and there is neither {string.Join(" nor ", FileNames)} in it");
    }

    /// <summary>Reads and checks the project's program.</summary>
    /// <exception cref="ProgramException">The program is wrong; all that is found, at once.</exception>
    /// <exception cref="EngineException">There is none, it can't be read, or its compiler failed.</exception>
    public static async Task<YamlProgram> LoadAsync(Project project, string organization, string stack, IPackageSchemas schemas, CancellationToken cancellationToken)
    {
        if (project.Compiler.Length > 0)
        {
            var text = await CompileAsync(project, organization, stack, cancellationToken);
            return await YamlProgram.ParseAsync(text, $"<output of {project.Compiler}>", schemas, cancellationToken);
        }

        var file = FileOf(project);
        return await YamlProgram.LoadAsync(file, Path.GetRelativePath(project.Folder, file), schemas, cancellationToken);
    }

    private static async Task<string> CompileAsync(Project project, string organization, string stack, CancellationToken cancellationToken)
    {
        var words = CommandWords.Split(project.Compiler)
            ?? throw new EngineException(EngineFailure.InvalidProgram, $"the project's `runtime.options.compiler` has a quote that is not closed: {project.Compiler}");
        // A path stands in the program's folder, as its arguments do; a name alone is looked for as any command is.
        var program = words[0].Contains('/', StringComparison.Ordinal) ? Path.GetFullPath(words[0], project.WorkingFolder) : words[0];
        ProcessStartInfo start = new(program, words.Skip(1)) { WorkingDirectory = project.WorkingFolder, RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        foreach (var (name, value) in ((string, string)[])[("PULUMI_ORGANIZATION", organization), ("PULUMI_PROJECT", project.Name), ("PULUMI_STACK", stack)])
        {
            start.Environment[name] = value;
        }

        Process process;
        try
        {
            process = Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception fault)
        {
            throw new EngineException(EngineFailure.InvalidProgram, $"the project's compiler '{words[0]}' could not be started: {fault.Message}; install it, or mend `runtime.options.compiler`", fault);
        }

        using (process)
        {
            process.StandardInput.Close();
            StringBuilder told = new();
            process.ErrorDataReceived += (_, line) => told.AppendLine(line.Data);
            process.BeginErrorReadLine();
            try
            {
                var text = await process.StandardOutput.ReadToEndAsync(cancellationToken);
                await process.WaitForExitAsync(cancellationToken);
                return process.ExitCode == 0
                    ? text
                    : throw new EngineException(EngineFailure.InvalidProgram, $"the project's compiler '{project.Compiler}' ended with exit code {process.ExitCode}: {told.ToString().Trim()}");
            }
            finally
            {
                if (!process.HasExited)
                {
                    process.Kill(entireProcessTree: true);
                }
            }
        }
    }
}
