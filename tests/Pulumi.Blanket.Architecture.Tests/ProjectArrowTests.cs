using System.Reflection;
using Pulumi.Blanket.Lab;

namespace Pulumi.Blanket.Architecture.Tests;

/// <summary>Arrows between projects point one way: plugin and agent are separate programs, and what lies below knows nothing of what lies above.</summary>
public sealed class ProjectArrowTests
{
    private static readonly Dictionary<string, string[]> Allowed = new(StringComparer.Ordinal)
    {
        ["pulumi-resource-blanket"] = ["Pulumi.Blanket.Protocol", "Pulumi.Blanket.Contract"],
        ["blanket-agent"] = ["Pulumi.Blanket.Contract", "Pulumi.Blanket.Libvirt", "Pulumi.Blanket.Files"],
        ["blanket"] = ["Pulumi.Blanket.Engine", "Pulumi.Blanket.Lab", "Pulumi.Blanket.Protocol"],
        ["Pulumi.Blanket.Engine"] = ["Pulumi.Blanket.Protocol", "Pulumi.Blanket.Files"],
        ["Pulumi.Blanket.Lab"] = [],
        ["Pulumi.Blanket.Libvirt"] = [],
        ["Pulumi.Blanket.Protocol"] = [],
        ["Pulumi.Blanket.Contract"] = [],
        ["Pulumi.Blanket.Files"] = [],
    };

    public static TheoryData<string> Projects => [.. Allowed.Keys];

    [Theory]
    [MemberData(nameof(Projects))]
    public void AProjectKnowsOnlyWhatLiesBelowIt(string project)
    {
        var known = Assembly.Load(project).GetReferencedAssemblies().Select(static assembly => assembly.Name!).Where(Allowed.ContainsKey);
        Assert.Empty(known.Except(Allowed[project]));
    }
}
