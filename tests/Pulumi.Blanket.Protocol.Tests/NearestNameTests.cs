namespace Pulumi.Blanket.Protocol.Tests;

/// <summary>A mistyped name is answered with the one that was meant, and a foreign one with none.</summary>
public sealed class NearestNameTests
{
    [Theory]
    [InlineData("nmae", "name")]
    [InlineData("adress", "address")]
    [InlineData("ADDRESS", "address")]
    [InlineData("privatkey", "privateKey")]
    [InlineData("private_key", "privateKey")]
    [InlineData("region", null)]
    [InlineData("", null)]
    public void Nearest(string given, string? expected) => Assert.Equal(expected, NearestName.Find(given, ["name", "address", "privateKey", "port"]));
}
