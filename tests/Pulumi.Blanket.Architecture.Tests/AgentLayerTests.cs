using System.Reflection;
using NetArchTest.Rules;

namespace Pulumi.Blanket.Architecture.Tests;

/// <summary>The agent's folders are layers: each knows those before it, and none after.</summary>
public sealed class AgentLayerTests
{
    private const string Root = "Pulumi.Blanket.Agent";

    /// <summary>From clocks and the host's operating system, which know nothing, to the commands, which put everything together.</summary>
    private static readonly string[] Layers =
    [
        "Timing", "Machine", "Journal", "Serving", "Layers", "Hypervisor", "Registry", "Storage", "Networks", "Fabrics", "Images", "Hosts", "Volumes", "Machines", "Members", "Moving", "Commands",
    ];

    private static readonly Assembly Agent = Assembly.Load("blanket-agent");

    public static TheoryData<string> Names => [.. Layers];

    [Theory]
    [MemberData(nameof(Names))]
    public void AFolderKnowsNoneThatComesAfterIt(string layer)
    {
        var after = Layers[(Array.IndexOf(Layers, layer) + 1)..].Select(static later => $"{Root}.{later}").ToArray();
        if (after.Length == 0)
        {
            return;
        }

        var result = Types.InAssembly(Agent).That().ResideInNamespaceMatching($@"^Pulumi\.Blanket\.Agent\.{layer}(\.|$)").ShouldNot().HaveDependencyOnAny(after).GetResult();
        Assert.True(result.IsSuccessful, string.Join("\n", result.FailingTypes?.Select(static type => type.FullName) ?? []));
    }

    [Fact]
    public void EachFolderHasItsPlace()
    {
        var found = Agent.GetTypes().Select(static type => type.Namespace ?? "").Where(static name => name.StartsWith(Root + ".", StringComparison.Ordinal)).Select(static name => name[(Root.Length + 1)..].Split('.')[0]).Distinct();
        Assert.Equal(Layers.Order(StringComparer.Ordinal), found.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void TheRootKnowsNoFolder()
    {
        var result = Types.InAssembly(Agent).That().ResideInNamespaceMatching(@"^Pulumi\.Blanket\.Agent$").ShouldNot().HaveDependencyOnAny([.. Layers.Where(static layer => layer != "Commands").Select(static layer => $"{Root}.{layer}")]).GetResult();
        Assert.True(result.IsSuccessful, string.Join("\n", result.FailingTypes?.Select(static type => type.FullName) ?? []));
    }
}
