using CsCheck;
using Pulumi.Blanket.Lab.Definition;

namespace Pulumi.Blanket.Lab.Tests;

/// <summary>Lab files and flags: what is read, and what a mistake is told.</summary>
public sealed class LabFileTests
{
    [Fact]
    public void A_file_with_everything_is_read_as_written()
    {
        var lab = LabFile.Parse("""
            name: three
            hosts:
              - name: aws-1
                cloud: aws
                region: eu-west-1
                rateMbps: 400
                storageGiB: 20
              - {name: bare-1, bare: true}
              - {name: inner-1, behind: aws-1}
            """, "lab.yaml");
        Assert.Equal("three", lab.Name);
        Assert.Equal(
        [
            new HostDefinition { Name = "aws-1", Cloud = "aws", Region = "eu-west-1", RateMbps = 400, StorageGiB = 20 },
            new HostDefinition { Name = "bare-1", Cloud = "bare", Bare = true },
            new HostDefinition { Name = "inner-1", Cloud = "inner", Behind = "aws-1" },
        ], lab.Hosts);
    }

    [Fact]
    public void A_flag_says_the_same_as_a_file()
        => Assert.Equal(
            new HostDefinition { Name = "aws-1", Cloud = "aws", Region = "eu-west-1", RateMbps = 400, StorageGiB = 20, Bare = true, Behind = "gcp-1" },
            LabFile.ParseFlag("aws-1,region=eu-west-1,rateMbps=400,storageGiB=20,bare,behind=gcp-1"));

    [Theory]
    [InlineData("hosts: [", "lab.yaml:2:1: While parsing")]
    [InlineData("", "a lab file is a mapping with 'hosts'")]
    [InlineData("- a", "a lab file is a mapping with 'hosts'")]
    [InlineData("hosts: 3", "lab.yaml:1:8: 'hosts' is of the wrong kind")]
    [InlineData("? [a]\n: 1", "unknown property")]
    [InlineData("name: x\nhost: []", "lab.yaml:2:1: unknown property 'host'; a lab has 'name' and 'hosts'")]
    [InlineData("hosts: []", "a lab has 1 to 100 hosts, not 0")]
    [InlineData("hosts: [aws-1]", "lab.yaml:1:9: a host is a mapping with at least 'name'")]
    [InlineData("hosts: [{cloud: aws}]", "a host needs a 'name'")]
    [InlineData("hosts: [{name: aws-1, bear: true}]", "lab.yaml:1:23: unknown property 'bear' of a host; there are name, cloud,")]
    [InlineData("hosts: [{name: aws-1, rateMbps: fast}]", "rateMbps is a whole number, not 'fast'")]
    [InlineData("hosts: [{name: aws-1, rateMbps: [1]}]", "'rateMbps' of a host is a single value")]
    [InlineData("hosts: [{name: aws-1, rateMbps: 0}]", "hosts[0].rateMbps: 0 is out of range; use 1 to 10000")]
    [InlineData("hosts: [{name: aws-1, storageGiB: 2000}]", "hosts[0].storageGiB: 2000 is out of range; use 1 to 1024")]
    [InlineData("hosts: [{name: aws-1, bare: maybe}]", "bare is true or false, not 'maybe'")]
    [InlineData("hosts: [{name: ../../etc}]", "hosts[0].name: '../../etc' is no name")]
    [InlineData("hosts: [{name: Aws}]", "use lower-case letters, digits and hyphens")]
    [InlineData("hosts: [{name: control}]", "'control' is the lab's own network for clients")]
    [InlineData("hosts: [{name: a-1}, {name: a-1}]", "hosts[1].name: there is a host 'a-1' already")]
    [InlineData("hosts: [{name: a-1, behind: b-1}]", "hosts[0].behind: there is no host 'b-1'; name one of a-1")]
    [InlineData("hosts: [{name: a-1, behind: a-1}]", "'a-1' is not on the WAN itself")]
    [InlineData("name: ''\nhosts: [{name: a-1}]", "name: '' is no name")]
    public void A_mistake_is_told_with_its_place_and_remedy(string text, string expected)
    {
        var fault = Assert.Throws<LabException>(() => LabFile.Parse(text, "lab.yaml"));
        Assert.Contains(expected, fault.Message, StringComparison.Ordinal);
        Assert.True(fault.IsUsage);
    }

    [Fact]
    public void All_mistakes_are_told_at_once()
    {
        var fault = Assert.Throws<LabException>(() => LabFile.Parse("hosts: [{name: A, cloud: a, rateMbps: 0}, {name: B, cloud: b, storageGiB: 0}]", "lab.yaml"));
        Assert.Equal(5, fault.Message.Split('\n').Length);
    }

    [Theory]
    [InlineData("aws-1,colour=red", "unknown property 'colour'")]
    [InlineData("aws-1,rateMbps", "rateMbps is a whole number, not 'true'")]
    public void A_mistake_in_a_flag_is_told(string flag, string expected)
        => Assert.Contains(expected, Assert.Throws<LabException>(() => LabFile.ParseFlag(flag)).Message, StringComparison.Ordinal);

    [Fact]
    public void No_text_does_more_than_a_lab_exception()
        => Gen.OneOf(Gen.String[Gen.Char, 0, 60], Gen.String[Gen.Char["hostsname:[]{}-?&*!|>'\"\n \tab1,"], 0, 60]).Sample(text =>
        {
            try
            {
                LabFile.Parse(text, "lab.yaml");
            }
            catch (LabException)
            {
                // told as a mistake
            }
        }, iter: 20_000);
}
