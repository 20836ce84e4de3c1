using System.Text;
using System.Text.Json.Nodes;
using Pulumi.Blanket.Engine.Plugins;
using Pulumi.Blanket.Engine.Programs;
using Pulumi.Blanket.Engine.Projects;
using Pulumi.Blanket.Engine.Tests.Programs;
using Pulumi.Blanket.Engine.Tests.Support;

namespace Pulumi.Blanket.Engine.Tests.Projects;

/// <summary>A stack's settings come back as they were given, and the file stays a person's own.</summary>
public sealed class StackSettingsTests : IDisposable
{
    private const string PrivateKey = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAABG5vbmU=\n  # no comment: \"x\"\n-----END OPENSSH PRIVATE KEY-----\n";

    private const string Written =
        """
        # Mine.
        secretsprovider: passphrase   # as ever
        encryptionsalt: v1:AQIDBAUGBwg=:v1:AAECAwQFBgcICQoL:iGP4XDXiY7T19n8Y1y69reKRmEaJfA==
        environment:
          - shared   # of all

        config:
            # Four blanks, and 🐟.
            shop:size:   3   # small
            'shop:name': "Fisch 🐟"
            blanket:region: eu
            shop:key: |
              line one
              line two
            # Before the list.
            shop:list: [1, two, {a: b}]
            shop:limits:
                memory: 1.10   # GiB
                cpus:
                - 1
                -   2

            # After all.
        later: {kept: yes}

        """;

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Texts =>
    [
        "", " ", "~", "null", "Null", "true", "True", "false", "yes", "NO", "on", "y", "0", "-1", "+1", "007", "1.10", "1e3", "0x1F", "0o17", "1_000", ".5", ".inf", "-.INF", ".nan",
        "2024-01-01", "12:30:45", "a: b", "a:", ":a", "a #b", "#a", "- a", "-", "-a", "? a", "a,b", "{", "{}", "[]", "[a", "&a", "*a", "!a", "!!int 3", "|", ">", "@a", "`a`", "%a", "'a'", "\"a\"", "a\\b", "\\n",
        " a", "a ", "a\tb", "\ta", "a\n", "\na", "a\nb", "a\n\n", "a\r\nb", "a\rb", "---", "...", "--- a", "<<", "=", "ü", "🐟", "\u2028", "\u0085", "\ufeff", "\u00a0", "\u0001", "\u001b[0m", "secure", "${x}", "{\"a\":1}", PrivateKey,
    ];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Texts), DisableDiscoveryEnumeration = true)]
    public void A_text_comes_back_as_it_was_given(string text)
    {
        foreach (var before in new[] { "", "config: {}\n", "config:\n  shop:a: old # why\n", "config:\n  shop:a: |\n    old\n  shop:b: 1\n", "config: {shop:a: old, shop:b: 1}", "config:\r\n  shop:z: 1\r\n", Written })
        {
            var settings = Load(before);
            settings.Set("a", text);
            settings.Set("other", "plain");
            settings = Saved(settings);
            Assert.Equal(new ConfigValue(text), settings.Open(TestSecrets.Known)["shop:a"]);
            Assert.Equal(new ConfigValue("plain"), settings.Open(TestSecrets.Known)["shop:other"]);

            settings.Set("a", text, TestSecrets.Known);
            settings.SetPath("tree.inner[0]", text, TestSecrets.Known);
            settings = Saved(settings);
            Assert.Equal(new ConfigValue(text, IsSecret: true), settings.Open(TestSecrets.Known)["shop:a"]);
            Assert.Equal(text, JsonNode.Parse(settings.Open(TestSecrets.Known)["shop:tree"].Text)!["inner"]![0]!.GetValue<string>());
        }
    }

    [Fact]
    public void What_is_written_is_written_plainly_where_it_can_be()
    {
        var settings = Load("");
        settings.Set("region", "eu-west");
        settings.Set("blanket:count", "3");
        settings.SetPath("names[0]", "a");
        settings.SetPath("limits.memory", "4");
        settings.SetPath("limits.swap", "true");
        settings.SetPath("limits.version", "007");
        Assert.Equal(
            """
            config:
              shop:region: eu-west
              blanket:count: "3"
              shop:names:
                - a
              shop:limits:
                memory: 4
                swap: true
                version: "007"

            """,
            Text(settings));
    }

    [Theory]
    [InlineData("size", "5", "    shop:size:   3   # small", "    shop:size:   \"5\"   # small")]
    [InlineData("shop:name", "Brot", "\"Fisch 🐟\"", "Brot")]
    [InlineData("blanket:region", "us", "region: eu", "region: us")]
    [InlineData("key", "short", "key: |\n      line one\n      line two\n", "key: short\n")]
    [InlineData("list", "x", "[1, two, {a: b}]", "x")]
    [InlineData("limits", "x", ":\n        memory: 1.10   # GiB\n        cpus:\n        - 1\n        -   2\n", ": x\n")]
    [InlineData("new", "x", "        -   2\n", "        -   2\n    shop:new: x\n")]
    public void All_but_what_is_set_stays_byte_for_byte(string key, string value, string before, string after)
    {
        var settings = Load(Written);
        settings.Set(key, value);
        AssertChanged(before, after, settings);
    }

    [Theory]
    [InlineData("size", "    shop:size:   3   # small\n")]
    [InlineData("shop:name", "    'shop:name': \"Fisch 🐟\"\n")]
    [InlineData("key", "    shop:key: |\n      line one\n      line two\n")]
    [InlineData("list", "    shop:list: [1, two, {a: b}]\n")]
    [InlineData("limits", "    shop:limits:\n        memory: 1.10   # GiB\n        cpus:\n        - 1\n        -   2\n")]
    public void All_but_what_is_removed_stays_byte_for_byte(string key, string gone)
    {
        var settings = Load(Written);
        Assert.True(settings.Remove(key));
        AssertChanged(gone, "", settings);
        Assert.False(settings.Remove(key));
        AssertChanged(gone, "", settings);
    }

    [Fact]
    public void A_files_line_breaks_and_its_mark_stay()
    {
        var text = "\ufeff" + Written.ReplaceLineEndings("\r\n");
        var settings = Load(text);
        settings.Set("size", "x");
        settings.Set("new", "z");
        Assert.True(settings.Remove("list"));
        settings.Save();
        var changed = text.Replace("3   # small", "x   # small", StringComparison.Ordinal).Replace("    shop:list: [1, two, {a: b}]\r\n", "", StringComparison.Ordinal)
            .Replace("        -   2\r\n", "        -   2\r\n    shop:new: z\r\n", StringComparison.Ordinal);
        Assert.Equal(changed, Encoding.UTF8.GetString(File.ReadAllBytes(settings.File)));
    }

    [Theory]
    [InlineData("# only a comment\n", "# only a comment\nconfig:\n  shop:a: x\n")]
    [InlineData("config:\n  shop:b: 1", "config:\n  shop:b: 1\n  shop:a: x")]
    [InlineData("config:\n", "config:\n  shop:a: x\n")]
    [InlineData("later: 1", "later: 1\nconfig:\n  shop:a: x")]
    [InlineData("config:\n  b: 1 # plain\n", "config:\n  b: 1 # plain\n  shop:a: x\n")]
    [InlineData("config: # mine\n  shop:b: 1\nlater: 1\n", "config: # mine\n  shop:b: 1\n  shop:a: x\nlater: 1\n")]
    [InlineData("config:\n  shop:a:\n  shop:b: 1\n", "config:\n  shop:a: x\n  shop:b: 1\n")]
    [InlineData("config:\n  shop:b: |\n    text\n\n# end\n", "config:\n  shop:b: |\n    text\n\n  shop:a: x\n# end\n")]
    [InlineData("config:\n  shop:b: two\n    lines\n", "config:\n  shop:b: two\n    lines\n  shop:a: x\n")]
    [InlineData("config:\n  shop:b: &x 1\n  shop:c: *x\n", "config:\n  shop:b: &x 1\n  shop:c: *x\n  shop:a: x\n")]
    public void A_setting_is_put_in_wherever_the_file_has_room(string before, string after)
    {
        var settings = Load(before);
        settings.Set("a", "x");
        Assert.Equal(after, Text(settings));
    }

    [Fact]
    public void The_last_setting_leaves_a_file_that_can_be_added_to()
    {
        var settings = Load("# mine\nconfig:\n  shop:a: x\nlater: 1\n");
        Assert.True(settings.Remove("a"));
        Assert.Empty(Saved(settings).Open(null));
        settings.Set("b", "z");
        Assert.Equal("# mine\nconfig:\n  shop:b: z\nlater: 1\n", Text(settings));
    }

    [Fact]
    public void Keys_are_the_projects_own_where_they_name_nobody()
    {
        var settings = Load("config:\n  size: 3\n  shop:config:old: 4\n  blanket:size: 5\n");
        Assert.Equal(["blanket:size", "shop:old", "shop:size"], settings.Open(null).Keys);
        settings.Set("shop:size", "x");
        settings.Set("old", "z");
        Assert.True(settings.Remove("blanket:size"));
        Assert.Equal("config:\n  size: x\n  shop:config:old: z\n", Text(settings));
        foreach (var key in new[] { "", ":", "a:", ":a", "a:b:c", "a:b:c:d" })
        {
            Assert.Equal(EngineFailure.InvalidInput, Assert.Throws<EngineException>(() => settings.Set(key, "x")).Reason);
        }
    }

    [Fact]
    public void What_is_typed_in_the_file_keeps_how_it_is_written()
    {
        var settings = Load("config:\n  a: 1.10\n  b: True\n  c: ~\n  d: 0x1F\n  e: 1_000\n  f: >-\n    x\n    y\n  g: {v: 1.10, n: ~, t: True, s: '1'}\n").Open(null);
        Assert.Equal(["1.10", "True", "", "0x1F", "1_000", "x y", """{"v":1.10,"n":null,"t":true,"s":"1"}"""], settings.Values.Select(value => value.Text));
    }

    [Theory]
    [InlineData("list[1]", "2", """[1,2,{"a":"b"}]""")]
    [InlineData("list[3]", "end", """[1,"two",{"a":"b"},"end"]""")]
    [InlineData("list[2].c[0]", "true", """[1,"two",{"a":"b","c":[true]}]""")]
    [InlineData("limits.cpus[0]", "-7", """{"memory":1.10,"cpus":[-7,2]}""")]
    [InlineData("shop:limits[\"odd.name\"]", "007", """{"memory":1.10,"cpus":[1,2],"odd.name":"007"}""")]
    [InlineData("limits[\"a:b\"]", "x", """{"memory":1.10,"cpus":[1,2],"a:b":"x"}""")]
    [InlineData("limits[\"say \\\"a\\\"\"]", "x", """{"memory":1.10,"cpus":[1,2],"say \"a\"":"x"}""")]
    [InlineData("new.a.b", "x", """{"a":{"b":"x"}}""")]
    [InlineData("blanket:clouds[0].name", "x", """[{"name":"x"}]""")]
    public void A_place_inside_a_setting_is_set(string path, string value, string expected)
    {
        var settings = Load(Written);
        settings.SetPath(path, value);
        var key = path.Split('.', '[')[0];
        Assert.Equal(new ConfigValue(expected, IsObject: true), Saved(settings).Open(null)[ConfigKey.Full(key, "shop")]);
        Assert.Contains("# After all.\nlater: {kept: yes}\n", Text(settings), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("list[4]", "the next place is [3]")]
    [InlineData("list.a", "'a' is to be a name in a map")]
    [InlineData("limits[0]", "[0] is to be a place in a list")]
    [InlineData("name.a", "'a' is to be a name in a map")]
    [InlineData("", "is no path")]
    [InlineData("a.", "is no path")]
    [InlineData("a..b", "is no path")]
    [InlineData("a[", "is no path")]
    [InlineData("a[x]", "is no path")]
    [InlineData("a[-1]", "is no path")]
    [InlineData("a[\"x]", "is no path")]
    [InlineData("a[0]b", "is no path")]
    [InlineData("[0]", "is no path")]
    [InlineData("new.secure", "'secure'")]
    [InlineData("new.a[0].secure", "'secure'")]
    public void A_place_that_is_none_is_said_and_nothing_changes(string path, string words)
    {
        var settings = Load(Written);
        var fault = Assert.Throws<EngineException>(() => settings.SetPath(path, "x"));
        Assert.Equal(EngineFailure.InvalidInput, fault.Reason);
        Assert.Contains(words, fault.Message, StringComparison.Ordinal);
        Assert.Equal(Written, Text(settings));
    }

    [Fact]
    public void A_place_inside_a_setting_is_removed()
    {
        var settings = Load(Written);
        Assert.True(settings.RemovePath("list[0]"));
        Assert.True(settings.RemovePath("list[1].a"));
        Assert.True(settings.RemovePath("limits.cpus[1]"));
        Assert.True(settings.RemovePath("blanket:region"));
        Assert.False(settings.RemovePath("limits.swap"));
        Assert.False(settings.RemovePath("list[9]"));
        Assert.False(settings.RemovePath("list.a"));
        Assert.False(settings.RemovePath("missing.a"));
        Assert.False(settings.RemovePath("name.a.b"));
        var values = Saved(settings).Open(null);
        Assert.Equal("""["two",{}]""", values["shop:list"].Text);
        Assert.Equal("""{"memory":1.10,"cpus":[1]}""", values["shop:limits"].Text);
        Assert.False(values.ContainsKey("blanket:region"));
    }

    [Fact]
    public void A_secret_is_sealed_in_the_file_and_opened_with_the_passphrase()
    {
        var settings = Load("");
        var secrets = settings.EnsureSecrets(TestSecrets.KnownSource);
        settings.Set("password", "hunter2", secrets);
        settings.SetPath("users[0].password", "hunter3", secrets);
        settings.SetPath("users[0].name", "ann");
        var text = Text(settings);
        Assert.Matches("^encryptionsalt: v1:[^\n]+\nconfig:\n  shop:password:\n    secure: v1:[^\n]+\n", text);
        Assert.DoesNotContain("hunter", text, StringComparison.Ordinal);
        settings = Saved(settings);
        var opened = settings.Open(settings.OpenSecrets(TestSecrets.Source(TestSecrets.Passphrase)));
        Assert.Equal(new ConfigValue("hunter2", IsSecret: true), opened["shop:password"]);
        Assert.Equal(new ConfigValue("""[{"password":"hunter3","name":"ann"}]""", IsSecret: true, IsObject: true), opened["shop:users"]);
        Assert.DoesNotContain("hunter", settings.ToSealedJson(), StringComparison.Ordinal);
        Assert.Contains("inside a secret", Assert.Throws<EngineException>(() => settings.SetPath("password.a", "x")).Message, StringComparison.Ordinal);
        Assert.Contains("inside a secret", Assert.Throws<EngineException>(() => settings.SetPath("password.secure", "x")).Message, StringComparison.Ordinal);

        // In the clear from now on.
        settings.Set("password", "public");
        Assert.Equal(new ConfigValue("public"), settings.Open(secrets)["shop:password"]);
    }

    [Fact]
    public void A_salt_is_made_once_and_that_of_the_state_is_kept()
    {
        var settings = Load("# mine\nconfig:\n  shop:a: x\n");
        Assert.Null(settings.OpenSecrets(TestSecrets.None));
        Assert.Same(TestSecrets.Known, settings.EnsureSecrets(TestSecrets.None, TestSecrets.Known));
        Assert.Equal($"# mine\nconfig:\n  shop:a: x\nencryptionsalt: {TestSecrets.Salt}\n", Text(settings));
        Assert.Same(TestSecrets.Known, settings.EnsureSecrets(TestSecrets.KnownSource));
        Assert.Equal(TestSecrets.Salt, Saved(settings).EncryptionSalt);
    }

    [Fact]
    public void A_wrong_passphrase_opens_and_seals_nothing_and_names_the_setting()
    {
        var text = $"encryptionsalt: {TestSecrets.Salt}\nconfig:\n  shop:password:\n    secure: {TestSecrets.SealedText}\n";
        var settings = Load(text);
        Assert.Equal(TestSecrets.PlainText, settings.Open(settings.OpenSecrets(TestSecrets.KnownSource))["shop:password"].Text);
        var wrong = settings.EnsureSecrets(TestSecrets.Source("wrong horse"));
        var fault = Assert.Throws<EngineException>(() => settings.Open(wrong));
        Assert.Equal(EngineFailure.Secrets, fault.Reason);
        Assert.Contains("the setting shop:password: the passphrase is wrong", fault.Message, StringComparison.Ordinal);
        Assert.Throws<EngineException>(() => settings.Set("other", "x", wrong));
        Assert.Equal(text, Text(settings));
        Assert.Contains("no `encryptionsalt`", Assert.Throws<EngineException>(() => Load($"config: {{a: {{secure: '{TestSecrets.SealedText}'}}}}").Open(null)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_the_passphrase_it_is_known_which_are_secret()
    {
        var settings = Load($"encryptionsalt: {TestSecrets.Salt}\nconfig:\n  shop:a: x\n  shop:b: {{secure: '{TestSecrets.SealedText}'}}\n  shop:c: [1, {{secure: '{TestSecrets.SealedText}'}}]\n");
        var hidden = settings.Hide();
        Assert.Equal(new ConfigValue("x"), hidden["shop:a"]);
        Assert.Equal(new ConfigValue(StackSettings.Hidden, IsSecret: true), hidden["shop:b"]);
        Assert.Equal(new ConfigValue($"[1,\"{StackSettings.Hidden}\"]", IsSecret: true, IsObject: true), hidden["shop:c"]);
        Assert.Equal(new ConfigValue("x"), settings.Get("a", settings.OpenSecrets(TestSecrets.None)));
        Assert.Null(settings.Get("missing", null));
        Assert.Throws<EngineException>(() => settings.Get("b", settings.OpenSecrets(TestSecrets.None)));
        Assert.Equal(TestSecrets.PlainText, settings.Get("b", TestSecrets.Known)!.Text);
    }

    [Theory]
    [InlineData("config: [", 2)]
    [InlineData("config:\n  a: b: c\n", 2)]
    [InlineData("config:\n\ta: b\n", 1)]
    [InlineData("config:\n  a: 1\n  a: 2\n", 3)]
    [InlineData("config:\n  a: 1\n  shop:a: 2\n", 3)]
    [InlineData("config:\n  a: 1\n  b:c:d: 2\n", 3)]
    [InlineData("config:\n  ? [a]\n  : 1\n", 2)]
    [InlineData("config: text\n", 1)]
    [InlineData("- a\n", 1)]
    [InlineData("a: 1\n---\nb: 1\n", 1)]
    [InlineData("config: {a: *missing}\n", 1)]
    public void A_file_that_is_wrong_is_refused_with_the_place_and_stays(string text, int line)
    {
        var diagnostic = Assert.Single(Assert.Throws<ProgramException>(() => Load(text)).Diagnostics);
        Assert.Equal(("Pulumi.dev.yaml", line), (diagnostic.File, diagnostic.Line));
        Assert.NotEmpty(diagnostic.Message);
        Assert.Equal(text, File.ReadAllText(_folder["Pulumi.dev.yaml"]));
    }

    [Fact]
    public void A_file_that_is_no_UTF8_is_refused_and_stays()
    {
        byte[] bytes = [.. "config:\n  shop:a: gr"u8, 0xfc, .. "n\n"u8];
        File.WriteAllBytes(_folder["Pulumi.dev.yaml"], bytes);
        var fault = Assert.Throws<EngineException>(() => StackSettings.Load(_folder["Pulumi.dev.yaml"], "shop"));
        Assert.Contains("UTF-8", fault.Message, StringComparison.Ordinal);
        Assert.Equal(bytes, File.ReadAllBytes(_folder["Pulumi.dev.yaml"]));
    }

    [Theory]
    [InlineData("secretsprovider: awskms://alias/key?region=eu\n", "awskms")]
    [InlineData("encryptedkey: AAAA\n", "encrypted key")]
    public void Secrets_of_another_provider_are_refused(string text, string words)
    {
        var fault = Assert.Throws<EngineException>(() => Load(text));
        Assert.Equal(EngineFailure.Secrets, fault.Reason);
        Assert.Contains(words, fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("alias", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_not_there_is_an_empty_one_and_is_made_only_when_saved()
    {
        var settings = StackSettings.Load(_folder["stacks/Pulumi.dev.yaml"], "shop");
        Assert.Empty(settings.Open(null));
        Assert.False(settings.Remove("a"));
        settings.Set("a", "x");
        Assert.False(File.Exists(settings.File));
        settings.Save();
        Assert.Equal("config:\n  shop:a: x\n", File.ReadAllText(settings.File));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(settings.File));
    }

    private static string Text(StackSettings settings)
    {
        settings.Save();
        return File.ReadAllText(settings.File);
    }

    private static StackSettings Saved(StackSettings settings)
    {
        settings.Save();
        return StackSettings.Load(settings.File, "shop");
    }

    private static void AssertChanged(string before, string after, StackSettings settings)
    {
        Assert.Contains(before, Written, StringComparison.Ordinal);
        Assert.Equal(Written.Replace(before, after, StringComparison.Ordinal), Text(settings));
    }

    private StackSettings Load(string text)
    {
        File.WriteAllText(_folder["Pulumi.dev.yaml"], text);
        return StackSettings.Load(_folder["Pulumi.dev.yaml"], "shop");
    }
}
