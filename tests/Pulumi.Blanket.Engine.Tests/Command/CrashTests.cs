using Pulumi.Blanket.Lab.Tests;
using Pulumi.Blanket.Lab.Tests.Support;
using Pulumi.Blanket.Probe;
using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.Engine.Tests.Command;

/// <summary>
/// The command is killed at random moments of an update and of a destroy. The next run ends where an undisturbed one does: in the state, and in the
/// provider's world, where nothing is lost, doubled or left behind.
/// </summary>
public sealed class CrashTests
{
    // A whole run takes about two seconds, half of which it starts.
    private const int LongestMilliseconds = 2500;

    [Fact]
    [Trait("campaign", "yes")]
    public Task The_next_run_ends_where_an_undisturbed_one_does() => Seeds.RunAsync("engine-crash", few: 2, full: 50, async seed =>
    {
        Random random = new(seed);
        using CommandRun command = new();
        foreach (var (zone, rest) in ((string, string)[])[("x", "gone: {type: \"probe:Thing\", properties: {value: here, delayMs: 80}}"), ("y", "")])
        {
            command.Write(Program(zone, rest));
            await DisturbAsync(command, random, "up");
            await command.RunWellAsync("up", "--yes", "--skip-preview");
            AssertWhole(command, zone, rest.Length > 0);
        }

        await DisturbAsync(command, random, "destroy");
        await command.RunWellAsync("destroy", "--yes", "--skip-preview");
        Assert.Empty(command.ReadState().Resources);
        Assert.Empty(Directory.GetFiles(command.World));
    });

    private static async Task DisturbAsync(CommandRun command, Random random, string verb)
    {
        for (var cuts = random.Next(1, 4); cuts > 0; cuts--)
        {
            if (await command.RunAndKillAsync(TimeSpan.FromMilliseconds(random.Next(300, LongestMilliseconds)), verb, "--yes", "--skip-preview"))
            {
                return;
            }
        }
    }

    private static void AssertWhole(CommandRun command, string zone, bool hasGone)
    {
        var state = command.ReadState();
        Assert.Empty(state.PendingOperations);
        Assert.DoesNotContain(state.Resources, resource => resource.Delete || resource.PendingReplacement || resource.InitErrors.Length > 0);
        string[] names = ["after", "first", "follower", "g-0", "g-1", "moved", "secret", "viewed", .. hasGone ? ["gone"] : Array.Empty<string>()];
        var things = state.Resources.Where(resource => resource.Type == "probe:index:Thing").ToList();
        Assert.Equal(names.Order(StringComparer.Ordinal), things.Select(resource => Urn.NameOf(resource.Urn)).Order(StringComparer.Ordinal));
        Assert.Equal(2, state.Resources.Count(resource => resource.ViewOf.Length > 0));
        Assert.Single(state.Resources, resource => resource.Type == "pulumi:providers:probe");
        Assert.Equal(zone, ((Protocol.Values.StringValue)things.Single(resource => Urn.NameOf(resource.Urn) == "moved").Outputs["zone"]!).Text);

        // One thing for each, and no other.
        var made = Directory.GetFiles(command.World, "*.thing").Select(Path.GetFileNameWithoutExtension).Order(StringComparer.Ordinal);
        Assert.Equal(things.Select(resource => resource.Id).Order(StringComparer.Ordinal), made);
    }

    private static string Program(string zone, string rest) => $$$"""
        resources:
          first: {type: "probe:Thing", properties: {zone: {{{zone}}}, deleteFirst: true, delayMs: 100}}
          follower: {type: "probe:Thing", properties: {follows: "${first.arn}", delayMs: 100}}
          moved: {type: "probe:Thing", properties: {zone: {{{zone}}}, delayMs: 100}}
          after: {type: "probe:Thing", properties: {value: "${moved.arn}", delayMs: 60}}
          secret: {type: "probe:Thing", properties: {password: {"fn::secret": "{{{zone}}}"}, delayMs: 200}}
          viewed: {type: "probe:Thing", properties: {views: 2, value: "{{{zone}}}", delayMs: 60}}
          g: {type: "probe:Group", properties: {count: 2, value: "{{{zone}}}"}}
          {{{rest}}}
        outputs: {arn: "${after.arn}"}
        """;
}
