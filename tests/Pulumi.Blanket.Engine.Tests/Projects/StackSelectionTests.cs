using System.Text.Json.Nodes;
using Pulumi.Blanket.Engine.Projects;
using Pulumi.Blanket.Engine.States;
using Pulumi.Blanket.Engine.Tests.Support;

namespace Pulumi.Blanket.Engine.Tests.Projects;

/// <summary>The selected stack is the one that Pulumi has selected, and the other way round.</summary>
public sealed class StackSelectionTests : IDisposable
{
    // By sha1sum, of /srv/shop/Pulumi.yaml.
    private const string FileName = "workspaces/shop-0afcfe4cda3769433d61f279d29f7109103fe9ff-workspace.json";

    private static readonly Project Shop = new() { File = "/srv/shop/Pulumi.yaml", Name = "shop" };
    private static readonly StackReference Dev = new("shop", "dev");

    private readonly TemporaryFolder _folder = new();
    private readonly Dictionary<string, string> _variables = new(StringComparer.Ordinal);

    public StackSelectionTests() => _variables["PULUMI_HOME"] = _folder.Path;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_selection_stands_where_Pulumi_looks_for_it()
    {
        Assert.Null(StackSelection.Read(Shop, Variable));
        StackSelection.Write(Shop, Dev, Variable);
        Assert.Equal("""{"stack":"organization/shop/dev"}""", File.ReadAllText(_folder[FileName]));
        Assert.Equal(Dev, StackSelection.Read(Shop, Variable));
        Assert.Null(StackSelection.Read(Shop with { File = "/srv/other/Pulumi.yaml" }, Variable));
        _variables.Remove("PULUMI_HOME");
        _variables["HOME"] = _folder["home"];
        StackSelection.Write(Shop, Dev, Variable);
        Assert.True(File.Exists(_folder["home/.pulumi/" + FileName]));
    }

    [Fact]
    public void What_else_Pulumi_keeps_there_stays()
    {
        Keep("""{"stack":"prod","other":{"a":1}}""");
        Assert.Equal(new StackReference("shop", "prod"), StackSelection.Read(Shop, Variable));
        StackSelection.Write(Shop, null, Variable);
        Assert.Null(StackSelection.Read(Shop, Variable));
        Assert.Equal(1, (int)JsonNode.Parse(File.ReadAllText(_folder[FileName]))!["other"]!["a"]!);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("""{"stack":5}""")]
    [InlineData("""{"stack":""}""")]
    [InlineData("""{"stack":null}""")]
    public void A_damaged_selection_is_none_and_may_be_written_anew(string text)
    {
        Keep(text);
        Assert.Null(StackSelection.Read(Shop, Variable));
        StackSelection.Write(Shop, Dev, Variable);
        Assert.Equal(Dev, StackSelection.Read(Shop, Variable));
    }

    [Fact]
    public void The_environment_goes_first()
    {
        StackSelection.Write(Shop, Dev, Variable);
        _variables[StackSelection.Variable] = "prod";
        Assert.Equal(new StackReference("shop", "prod"), StackSelection.Read(Shop, Variable));
        _variables[StackSelection.Variable] = "organization/shop/eu";
        Assert.Equal(new StackReference("shop", "eu"), StackSelection.Read(Shop, Variable));
        _variables[StackSelection.Variable] = "";
        Assert.Equal(Dev, StackSelection.Read(Shop, Variable));
        _variables[StackSelection.Variable] = "no stack";
        Assert.Equal(EngineFailure.InvalidInput, Assert.Throws<EngineException>(() => StackSelection.Read(Shop, Variable)).Reason);
    }

    private void Keep(string text)
    {
        Directory.CreateDirectory(_folder["workspaces"]);
        File.WriteAllText(_folder[FileName], text);
    }

    private string? Variable(string name) => _variables.GetValueOrDefault(name);
}
