using Pulumi.Blanket.Agent.Moving;

namespace Pulumi.Blanket.Agent.Tests;

public sealed class MoveObstacleTests
{
    [Theory]
    [InlineData("", "", "one two", "", null, "web waits until one, two have arrived")]
    [InlineData("", "", "one two", "gcp", null, "web waits until one, two have arrived (gcp does not answer)")]
    [InlineData("4 GiB", "one", "one two", "gcp", null, "web has no room on aws: 4 GiB; it waits for one to leave")]
    [InlineData("4 GiB", "", "one two", "gcp azure", null, "web has no room on aws: 4 GiB; one, two would leave, but can't go on (azure, gcp do not answer)")]
    [InlineData("4 GiB", "", "", "", "one", "web has no room on aws: 4 GiB; it and one wait for each other's place, no third host has room for either, and neither may stand still meanwhile (`migration.mode: suspend`)")]
    [InlineData("4 GiB", "", "", "", null, "web has no room on aws: 4 GiB, and no machine is leaving it")]
    [InlineData("4 GiB", "", "", "aws", null, "web has no room on aws: 4 GiB, and no machine is leaving it (aws does not answer)")]
    public void SaysWhatAMachineWaitsFor(string lacking, string moving, string ahead, string silent, string? partner, string expected)
    {
        string[] Names(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(expected, MoveObstacle.Describe("web", "aws", lacking.Length > 0 ? [lacking] : [], Names(moving), Names(ahead), Names(silent), partner));
    }
}
