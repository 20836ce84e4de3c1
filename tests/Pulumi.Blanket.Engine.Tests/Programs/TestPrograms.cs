using System.Collections.Immutable;
using Pulumi.Blanket.Engine.Programs;
using Pulumi.Blanket.Engine.Projects;
using Pulumi.Blanket.Protocol;
using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.Engine.Tests.Programs;

/// <summary>Runs programs of tests.</summary>
internal static class TestPrograms
{
    public static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static Task<YamlProgram> ParseAsync(string text) => YamlProgram.ParseAsync(text, "Pulumi.yaml", new SamplePackages(), Cancellation);

    public static async Task<ScriptedMonitor> RunAsync(string text, ScriptedMonitor? monitor = null, bool isPreview = false, params (string Key, ConfigValue Value)[] config)
    {
        monitor ??= new ScriptedMonitor(isPreview);
        var program = await ParseAsync(text);
        await program.RunAsync(Context(isPreview, config), monitor, Cancellation);
        return monitor;
    }

    public static Task<ScriptedMonitor> PreviewAsync(string text, ScriptedMonitor? monitor = null) => RunAsync(text, monitor ?? new ScriptedMonitor(isPreview: true), isPreview: true);

    /// <summary>The value of an expression, given as that of an output of the stack.</summary>
    public static async Task<PropertyValue?> EvaluateAsync(string expression, string rest = "", bool isPreview = false)
        => (await RunAsync($"{rest}\noutputs:\n  result:\n    {expression.ReplaceLineEndings("\n    ")}\n", isPreview: isPreview)).StackOutputs["result"];

    /// <summary>What is wrong with a program, one line for each.</summary>
    public static async Task<string> MistakesAsync(string text, params (string Key, ConfigValue Value)[] config)
    {
        var fault = await Assert.ThrowsAsync<ProgramException>(() => RunAsync(text, config: config));
        return string.Join("\n", fault.Diagnostics);
    }

    public static ProgramContext Context(bool isPreview = false, params (string Key, ConfigValue Value)[] config)
        => new("proj", "dev", "organization", "/root-of-project", AppContext.BaseDirectory, config.ToImmutableSortedDictionary(pair => pair.Key, pair => pair.Value, StringComparer.Ordinal), isPreview);
}
