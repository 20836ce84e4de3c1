using System.Collections.Immutable;
using Pulumi.Blanket.Engine.Monitoring;
using Pulumi.Blanket.Engine.Plugins;
using Pulumi.Blanket.Engine.Programs.Checking;
using Pulumi.Blanket.Engine.Programs.Documents;
using Pulumi.Blanket.Engine.Programs.Running;
using Pulumi.Blanket.Engine.Programs.Syntax;

namespace Pulumi.Blanket.Engine.Programs;

/// <summary>
/// A program in Pulumi YAML. It is checked wholly before anything of it runs, so that a mistake in its last line leaves no resources of
/// the lines before it. Can be run several times.
/// </summary>
public sealed class YamlProgram : IProgram
{
    private readonly string _file;
    private readonly ProgramDocument _document;
    private readonly ProgramPlan _plan;

    private YamlProgram(string file, ProgramDocument document, ProgramPlan plan, ImmutableArray<ProgramDiagnostic> warnings)
    {
        _file = file;
        _document = document;
        _plan = plan;
        Warnings = warnings;
    }

    /// <summary>What looks wrong, and does not keep the program from running.</summary>
    public ImmutableArray<ProgramDiagnostic> Warnings { get; }

    /// <summary>True where it declares anything that a stack would have.</summary>
    public bool HasResources => _document.Resources.Count > 0;

    /// <summary>Reads and checks a program.</summary>
    /// <param name="path">The file: <c>Pulumi.yaml</c> itself, or <c>Main.yaml</c> in the program's folder.</param>
    /// <param name="displayName">What to call it in messages: its path from the project's folder.</param>
    /// <exception cref="ProgramException">The program is wrong; all that is found, at once.</exception>
    /// <exception cref="EngineException">The file can't be read.</exception>
    public static async Task<YamlProgram> LoadAsync(string path, string displayName, IPackageSchemas schemas, CancellationToken cancellationToken)
    {
        string text;
        try
        {
            text = await File.ReadAllTextAsync(path, cancellationToken);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new EngineException(EngineFailure.InvalidProgram, $"the program '{displayName}' can't be read: {fault.Message}", fault);
        }

        return await ParseAsync(text, displayName, schemas, cancellationToken);
    }

    /// <summary>Reads and checks the text of a program.</summary>
    /// <exception cref="ProgramException">As above.</exception>
    public static async Task<YamlProgram> ParseAsync(string text, string displayName, IPackageSchemas schemas, CancellationToken cancellationToken)
    {
        DiagnosticList diagnostics = new(displayName);
        var root = SyntaxReader.Read(text, diagnostics);

        // Of a file that is no YAML, only the first place is sure to be wrong.
        if (root is null)
        {
            diagnostics.ThrowIfAny();
        }

        var document = DocumentReader.Read(root, diagnostics);
        var catalog = await SchemaCatalog.LoadAsync(ProgramChecker.PackagesOf(document), schemas, cancellationToken);
        ProgramChecker.Check(document, catalog, diagnostics);
        var plan = ProgramPlan.Of(document, diagnostics);
        diagnostics.ThrowIfAny();
        return new YamlProgram(displayName, document, plan, diagnostics.InOrder());
    }

    /// <inheritdoc/>
    public async Task RunAsync(ProgramContext context, IResourceMonitor monitor, CancellationToken cancellationToken)
    {
        DiagnosticList diagnostics = new(_file);
        var config = ConfigReader.Read(_document.Config, context, diagnostics);
        diagnostics.ThrowIfAny();
        await new ProgramRun(_file, _document, _plan, context, config, monitor).RunAsync(cancellationToken);
    }
}
