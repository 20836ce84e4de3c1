using Pulumi.Blanket.Engine.Programs;
using Pulumi.Blanket.Files;
using static Pulumi.Blanket.Engine.Tests.Programs.TestPrograms;

namespace Pulumi.Blanket.Engine.Tests.Programs;

/// <summary>
/// Wrong programs, and word for word what is said about them: <c>Mistakes/name.yaml</c> and, beside it, <c>name.txt</c>. With the
/// variable BLANKET_WRITE_MISTAKES set to that folder the texts are written anew, to be read before they are committed.
/// </summary>
public sealed class MistakeTests
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Programs", "Mistakes");

    public static TheoryData<string> Names => [.. Directory.GetFiles(Folder, "*.yaml").Select(file => Path.GetFileNameWithoutExtension(file)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_mistake_is_told_with_its_place_and_what_to_do(string name)
    {
        var said = await MistakesAsync(await File.ReadAllTextAsync(Path.Combine(Folder, $"{name}.yaml"), Cancellation)) + "\n";
        if (Environment.GetEnvironmentVariable("BLANKET_WRITE_MISTAKES") is { Length: > 0 } target)
        {
            await File.WriteAllTextAsync(Path.Combine(target, $"{name}.txt"), said, Cancellation);
            return;
        }

        Assert.Equal(await File.ReadAllTextAsync(Path.Combine(Folder, $"{name}.txt"), Cancellation), said);
    }

    [Fact]
    public async Task A_warning_does_not_keep_a_program_from_running()
    {
        var program = await ParseAsync("notes: x\nresources: { a: { type: sample:Thing, properties: { former: x } } }");
        Assert.Equal(
            [
                "Pulumi.yaml:1:1: warning: the section 'notes' has no meaning and is ignored; a program has: config, variables, resources, outputs",
                "Pulumi.yaml:2:53: warning: 'former' is deprecated: use 'value'",
            ], program.Warnings.Select(warning => warning.ToString()));
    }

    [Fact]
    public async Task Nothing_is_registered_of_a_program_that_is_wrong()
    {
        var fault = await Assert.ThrowsAsync<ProgramException>(() => ParseAsync("resources: { a: { type: sample:Thing }, b: { type: sample:Thing, properties: { size: x } } }"));
        Assert.Equal("Pulumi.yaml:1:86: error: 'size' must be a whole number, and here stands the text 'x'", fault.Message);
    }

    [Fact]
    public async Task A_file_that_is_not_there_is_told()
    {
        var fault = await Assert.ThrowsAsync<EngineException>(() => YamlProgram.LoadAsync("/nowhere/Pulumi.yaml", "Pulumi.yaml", new SamplePackages(), Cancellation));
        Assert.Equal(EngineFailure.InvalidProgram, fault.Reason);
    }

    [Fact]
    public async Task Anchors_that_multiply_are_stopped()
    {
        var text = "variables:\n  v0: &v0 [x, x, x, x, x, x, x, x, x, x]\n" + string.Concat(Enumerable.Range(1, 9).Select(index => $"  v{index}: &v{index} [{string.Join(", ", Enumerable.Repeat($"*v{index - 1}", 10))}]\n"));
        Assert.Contains("the program has more than 2000000 values", await MistakesAsync(text));
    }

    [Fact]
    public async Task Nesting_without_end_is_stopped() => Assert.Contains("more than 100 levels", await MistakesAsync($"variables: {{ a: {new string('[', 20000)}"));
}
