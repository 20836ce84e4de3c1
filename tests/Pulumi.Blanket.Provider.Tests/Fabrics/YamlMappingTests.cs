using CsCheck;
using Pulumi.Blanket.Provider.Resources.OnFabric;

namespace Pulumi.Blanket.Provider.Tests.Fabrics;

/// <summary>Texts for cloud-init that have to be YAML.</summary>
public sealed class YamlMappingTests
{
    [Theory]
    [InlineData("a: b", null)]
    [InlineData("# comment\nversion: 2\nethernets:\n  id0: {dhcp4: false}\n", null)]
    [InlineData("{\"version\": 2}", null)]
    [InlineData("#cloud-config\n- a\n- b\n", "no YAML mapping")]
    [InlineData("hunter2", "no YAML mapping")]
    [InlineData("", "is empty")]
    [InlineData("# nothing\n", "is empty")]
    [InlineData("a: b\n  hunter2: [", "line 2")]
    [InlineData("a: *hunter2", null)]
    public void Faults_tell_the_place_and_nothing_of_the_text(string text, string? fault)
    {
        var found = YamlMapping.Validate(text);
        Assert.Equal(fault is null, found is null);
        Assert.Contains(fault ?? "", found ?? "", StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", found ?? "", StringComparison.Ordinal);
    }

    [Fact]
    public void No_text_breaks_it()
        => Gen.OneOf(Gen.Char["\n :-{}[]&*!|>'\"%@`#?,ab\t\0é"], Gen.Char).Array[0, 60].Select(letters => new string(letters)).Sample(text => { YamlMapping.Validate(text); }, iter: 20_000);

    [Fact]
    public void No_depth_breaks_it()
    {
        Assert.Contains("more than 100 deep in line 1;", YamlMapping.Validate("a: " + new string('[', 100_000)), StringComparison.Ordinal);
        Assert.Contains("more than 100 deep in line 101;", YamlMapping.Validate(string.Concat(Enumerable.Range(0, 2000).Select(depth => new string(' ', depth) + "a:\n"))), StringComparison.Ordinal);
        Assert.Null(YamlMapping.Validate(string.Concat(Enumerable.Range(0, 100).Select(depth => new string(' ', depth) + "a:\n"))));
    }
}
