using System.Text.Json.Nodes;
using CsCheck;

namespace Pulumi.Blanket.Engine.Tests;

/// <summary>A stack's settings are changed where they are to be, and nowhere else.</summary>
public sealed class StackSettingsTests : IDisposable
{
    private const string Commented = """
        # The shop's first stack.
        config:
          # how many
          shop:count: "3" # for now
          aws:region: eu
          shop:nested:
            inner: [1, 2]
            name: x
          # the last word

        # and below all
        other: kept

        """;

    private static readonly string[] OddTexts = ["yes", "null", "~", "1", "1e3", "-", "- a", "a: b", "#x", "a #b", "'", "\"", "\\", "\n", " a ", "{", "[1]", "*a", "&a", "!a", "%", "@", "`", "0x1F", "2020-01-01", "a:", ".5", ".inf", "\u2028", "\u0085", "\ufeff"];

    private readonly TemporaryFolder _folder = new();

    private string File => _folder["Pulumi.dev.yaml"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Settings_are_opened_by_their_full_keys()
    {
        var settings = Load($"""
            encryptionsalt: {TestSecrets.Salt}
            config:
              count: 3
              version: 1.10
              shop:flag: true
              shop:config:old: x
              aws:region: eu
              empty:
              secret:
                secure: {TestSecrets.SealedText}
              nested:
                a: [1, true, null, x, "1"]
                b:
                  secure: {TestSecrets.SealedText}
            """);
        var opened = settings.Open(settings.OpenSecrets(TestSecrets.KnownSource));
        Assert.Equal(
            [
                "aws:region eu", "shop:count 3", "shop:empty ", "shop:flag true",
                """shop:nested {"a":[1,true,null,"x","1"],"b":"\"hunter2 <ü>\""} secret object""",
                "shop:old x", "shop:secret \"hunter2 <ü>\" secret", "shop:version 1.10",
            ],
            opened.Select(pair => $"{pair.Key} {pair.Value.Text}{(pair.Value.IsSecret ? " secret" : "")}{(pair.Value.IsObject ? " object" : "")}"));
        Assert.DoesNotContain("hunter2", settings.ToSealedJson(), StringComparison.Ordinal);
        Assert.Equal("1.10", JsonNode.Parse(settings.ToSealedJson())!["shop:version"]!.GetValue<string>());
    }

    [Fact]
    public void Comments_and_all_else_stay_when_a_setting_is_changed_added_or_removed()
    {
        var settings = Load(Commented);
        settings.Set("count", "4");
        settings.Set("new", "yes");
        settings.Set("aws:region", "us east: 1");
        Assert.True(settings.Remove("nested"));
        Assert.False(settings.Remove("nested"));
        settings.Save();
        Assert.Equal("""
            # The shop's first stack.
            config:
              # how many
              shop:count: "4" # for now
              aws:region: "us east: 1"
              shop:new: "yes"
              # the last word

            # and below all
            other: kept

            """, Read());
    }

    [Fact]
    public void A_place_inside_a_setting_is_changed()
    {
        var settings = Load(Commented);
        settings.SetPath("nested.inner[2]", "3");
        settings.SetPath("nested.inner[0]", "true");
        settings.SetPath("nested.more[\"a.b\"]", "007");
        settings.SetPath("aws:tags.owner", "me");
        settings.SetPath("nested.name", "hidden", TestSecrets.Known);
        Assert.True(settings.RemovePath("nested.inner[1]"));
        Assert.False(settings.RemovePath("nested.inner[7]"));
        settings.Save();
        var opened = StackSettings.Load(File, "shop").Open(TestSecrets.Known);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse("""{"inner":[true,3],"name":"hidden","more":{"a.b":"007"}}"""), JsonNode.Parse(opened["shop:nested"].Text)), opened["shop:nested"].Text);
        Assert.True(opened["shop:nested"].IsSecret);
        Assert.Equal("""{"owner":"me"}""", opened["aws:tags"].Text);
        Assert.DoesNotContain("hidden", Read(), StringComparison.Ordinal);
        foreach (var kept in new[] { "# The shop's first stack.", "# how many", "# for now", "# the last word", "# and below all", "other: kept" })
        {
            Assert.Contains(kept, Read(), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("nested.inner[9]", "behind the list's end")]
    [InlineData("nested.name.x", "there is none")]
    [InlineData("nested[0]", "there is none")]
    [InlineData("nested..x", "is no path")]
    [InlineData("[0]", "is no path")]
    [InlineData("nested[x]", "is no path")]
    [InlineData("a:b:c", "no key")]
    public void A_place_that_can_not_be_is_refused(string path, string expected)
        => Assert.Contains(expected, Assert.Throws<EngineException>(() => Load(Commented).SetPath(path, "1")).Message, StringComparison.Ordinal);

    [Fact]
    public void The_first_secret_gives_the_stack_a_salt()
    {
        var settings = StackSettings.Load(File, "shop");
        Assert.Null(settings.OpenSecrets(TestSecrets.KnownSource));
        settings.Set("password", "hunter2", settings.EnsureSecrets(TestSecrets.KnownSource));
        settings.Save();
        Assert.DoesNotContain("hunter2", Read(), StringComparison.Ordinal);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, System.IO.File.GetUnixFileMode(File));
        var again = StackSettings.Load(File, "shop");
        Assert.Equal(settings.EncryptionSalt, again.EncryptionSalt);
        Assert.Equal(new ConfigValue("hunter2", IsSecret: true), again.Open(again.OpenSecrets(TestSecrets.KnownSource))["shop:password"]);
        Assert.Equal(EngineFailure.Secrets, Assert.Throws<EngineException>(() => again.Open(again.OpenSecrets(TestSecrets.Source("wrong")))).Reason);

        // Settings that were lost take the salt of the state.
        Assert.Same(TestSecrets.Known, StackSettings.Load(_folder["Pulumi.lost.yaml"], "shop").EnsureSecrets(TestSecrets.None, TestSecrets.Known));
    }

    [Theory]
    [InlineData("")]
    [InlineData("config: {}\n")]
    [InlineData("config:\n")]
    [InlineData("config: {shop:a: 1}\n")]
    [InlineData("config:\n  shop:text: |\n    many\n    lines\n")]
    [InlineData("config:\n  shop:text: >-\n    many\n    lines\n\n# end\n")]
    [InlineData("config:\r\n  shop:a: 1\r\n  shop:b: 2\r\n")]
    [InlineData("other: 1")]
    [InlineData("config:\n    shop:a: 1")]
    [InlineData("# only a comment\n")]
    [InlineData("---\nconfig:\n  shop:a: 1\n...\n")]
    public void A_file_of_any_form_takes_a_setting(string text)
    {
        var before = Load(text).Open(null);
        var settings = Load(text);
        settings.Set("a", "new");
        settings.Set("b", "two");
        settings.SetPath("c.d", "three");
        settings.Save();
        var expected = before.SetItem("shop:a", new ConfigValue("new")).SetItem("shop:b", new ConfigValue("two")).SetItem("shop:c", new ConfigValue("""{"d":"three"}""", IsObject: true));
        Assert.Equal(expected, StackSettings.Load(File, "shop").Open(null));
    }

    [Fact]
    public void Any_text_survives_being_set()
        => Gen.Select(Gen.OneOf(Gen.String[Gen.Char['\u0001', '\uD7FF'], 0, 12], Gen.Int[0, OddTexts.Length - 1].Select(index => OddTexts[index])), Gen.Bool).Sample((text, isInside) =>
        {
            var settings = Load(Commented);
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
            Assert.Equal(settings.Open(null), StackSettings.Load(File, "shop").Open(null));
            Assert.Contains("# how many", Read(), StringComparison.Ordinal);
        }, iter: 500, seed: Environment.GetEnvironmentVariable("BLANKET_SEED"), threads: 1);

    [Theory]
    [InlineData("secretsprovider: awskms://alias/x?region=eu\n", "provider 'awskms'")]
    [InlineData("encryptedkey: abc\n", "only 'passphrase'")]
    public void Another_secrets_provider_is_refused_by_name(string text, string expected)
    {
        var fault = Assert.Throws<EngineException>(() => Load(text));
        Assert.Equal(EngineFailure.Secrets, fault.Reason);
        Assert.Contains(expected, fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("config: [\n", "Pulumi.dev.yaml:2:1: error:")]
    [InlineData("config: 3\n", "Pulumi.dev.yaml:1:9: error: `config` is no mapping")]
    [InlineData("a: 1\na: 2\n", "Pulumi.dev.yaml:2:1: error:")]
    public void A_wrong_file_is_refused_with_the_place(string text, string expected)
        => Assert.Contains(expected, Assert.Throws<ProgramException>(() => Load(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_link_stays_one_and_a_files_mode_stays()
    {
        System.IO.File.WriteAllText(_folder["real.yaml"], "config: {}\n");
        System.IO.File.SetUnixFileMode(_folder["real.yaml"], UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
        System.IO.File.CreateSymbolicLink(File, _folder["real.yaml"]);
        var settings = StackSettings.Load(File, "shop");
        settings.Set("a", "1");
        settings.Save();
        Assert.NotNull(new FileInfo(File).LinkTarget);
        Assert.Equal("config:\n  shop:a: \"1\"\n", System.IO.File.ReadAllText(_folder["real.yaml"]));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead, System.IO.File.GetUnixFileMode(_folder["real.yaml"]));
    }

    private StackSettings Load(string text)
    {
        System.IO.File.WriteAllText(File, text);
        return StackSettings.Load(File, "shop");
    }

    private string Read() => System.IO.File.ReadAllText(File);
}
