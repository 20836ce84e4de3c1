using System.Text.Json.Nodes;
using CsCheck;
using Pulumi.Blanket.Engine.Projects;
using Pulumi.Blanket.Engine.Tests.Support;

namespace Pulumi.Blanket.Engine.Tests.Projects;

/// <summary>Texts of chance as settings: each comes back as it was given, and what stands beside it stays.</summary>
public sealed class AnySettingTests : IDisposable
{
    private const string Commented = """
        # The shop's first stack.
        config:
          # how many
          shop:count: "3" # for now
          shop:nested:
            inner: [1, 2]
            name: x
        other: kept

        """;

    private static readonly string[] OddTexts = ["yes", "null", "~", "1", "1e3", "-", "- a", "a: b", "#x", "a #b", "'", "\"", "\\", "\n", " a ", "{", "[1]", "*a", "&a", "!a", "%", "@", "`", "0x1F", "2020-01-01", "a:", ".5", ".inf", "\u2028", "\u0085", "\ufeff"];

    private readonly TemporaryFolder _folder = new();

    private string SettingsFile => _folder["Pulumi.dev.yaml"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Any_text_survives_being_set()
        => Gen.Select(Gen.OneOf(Gen.String[Gen.Char['\u0001', '\uD7FF'], 0, 12], Gen.Int[0, OddTexts.Length - 1].Select(index => OddTexts[index])), Gen.Bool).Sample((text, isInside) =>
        {
            File.WriteAllText(SettingsFile, Commented);
            var settings = StackSettings.Load(SettingsFile, "shop");
            if (isInside)
            {
                settings.SetPath("nested.inner[0]", "x" + text);
                Assert.Equal("x" + text, JsonNode.Parse(settings.Open(null)["shop:nested"].Text)!["inner"]![0]!.GetValue<string>());
            }
            else
            {
                settings.Set("count", text);
                Assert.Equal(text, settings.Open(null)["shop:count"].Text);
            }

            settings.Save();
            Assert.Equal(settings.Open(null), StackSettings.Load(SettingsFile, "shop").Open(null));
            Assert.Contains("# how many", File.ReadAllText(SettingsFile), StringComparison.Ordinal);
        }, iter: 500, seed: Environment.GetEnvironmentVariable("BLANKET_SEED"), threads: 1);
}
