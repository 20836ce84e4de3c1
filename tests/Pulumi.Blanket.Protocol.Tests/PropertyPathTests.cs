using CsCheck;
using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.Protocol.Tests;

public sealed class PropertyPathTests
{
    [Theory]
    [InlineData("disks[0].sizeGiB")]
    [InlineData("labels[\"a.b\"]")]
    [InlineData("[\"odd name\"][3].x_1")]
    [InlineData("a[\"with \\\"quotes\\\" and \\\\\"]")]
    [InlineData("")]
    public void A_path_is_written_as_it_was_read(string text) => Assert.Equal(text, PropertyPath.Parse(text).ToString());

    [Fact]
    public void Every_path_survives_its_text()
        => Gen.OneOf(Gen.String[0, 5].Select(name => (object)name), Gen.Int[0, 99].Select(index => (object)index)).Array[0, 5].Sample(parts =>
        {
            var path = parts.Aggregate(PropertyPath.Root, (path, part) => part is string name ? path.Property(name) : path.Item((int)part));
            Assert.Equal(path, PropertyPath.Parse(path.ToString()));
        });

    [Theory]
    [InlineData("a..b")]
    [InlineData("a[")]
    [InlineData("a[x]")]
    [InlineData("a[-1]")]
    [InlineData("a[\"x]")]
    [InlineData("a[0]b")]
    [InlineData(".a")]
    public void What_is_no_path_is_refused(string text)
    {
        var fault = Assert.Throws<ProtocolException>(() => PropertyPath.Parse(text));
        Assert.Equal(ProtocolFailure.MalformedPath, fault.Failure);
        Assert.Contains($"'{text}' is no property path", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_path_knows_its_top_level_name_and_what_it_leads_into()
    {
        var path = PropertyPath.Parse("disks[0].sizeGiB");
        Assert.Equal("disks", path.TopLevel);
        Assert.True(path.StartsWith(PropertyPath.Parse("disks[0]")));
        Assert.False(path.StartsWith(PropertyPath.Parse("disks[1]")));
        Assert.True(path.StartsWith(PropertyPath.Root));
    }
}
