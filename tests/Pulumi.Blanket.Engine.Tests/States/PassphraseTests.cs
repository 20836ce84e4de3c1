using System.Diagnostics;
using Pulumi.Blanket.Engine.Plugins;
using Pulumi.Blanket.Engine.States;
using Pulumi.Blanket.Engine.Tests.Support;

namespace Pulumi.Blanket.Engine.Tests.States;

public sealed class PassphraseTests
{
    [Fact]
    public void What_others_sealed_is_opened()
    {
        Assert.Equal(TestSecrets.PlainText, TestSecrets.Known.Decrypt(TestSecrets.SealedText));
        Assert.Equal(TestSecrets.PlainText, TestSecrets.Known.Decrypt(TestSecrets.Known.Encrypt(TestSecrets.PlainText)));
        Assert.NotEqual(TestSecrets.Known.Encrypt("x"), TestSecrets.Known.Encrypt("x"));
        Assert.Equal("", TestSecrets.Known.Decrypt(TestSecrets.Known.Encrypt("")));
    }

    [Fact]
    public async Task A_wrong_passphrase_is_said_before_anything_is_opened()
    {
        var secrets = PassphraseSecrets.Open(TestSecrets.Salt, TestSecrets.Source("wrong horse"));
        var fault = await Assert.ThrowsAsync<EngineException>(secrets.VerifyAsync);
        Assert.Equal(EngineFailure.Secrets, fault.Reason);
        Assert.Contains("PULUMI_CONFIG_PASSPHRASE", fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("wrong horse", fault.ToString(), StringComparison.Ordinal);
        Assert.Throws<EngineException>(() => secrets.Encrypt("x"));
    }

    [Fact]
    public void Without_a_passphrase_the_variables_are_named()
    {
        var fault = Assert.Throws<EngineException>(() => PassphraseSecrets.Open(TestSecrets.Salt, TestSecrets.None).Decrypt(TestSecrets.SealedText));
        Assert.Contains("PULUMI_CONFIG_PASSPHRASE", fault.Message, StringComparison.Ordinal);
        Assert.Contains("PULUMI_CONFIG_PASSPHRASE_FILE", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_empty_passphrase_is_one_and_a_files_last_line_break_is_not_part_of_it()
    {
        using TemporaryFolder folder = new();
        Assert.Equal("", TestSecrets.Source("").Read());
        File.WriteAllText(folder["passphrase"], TestSecrets.Passphrase + "\n");
        Assert.Equal(TestSecrets.Passphrase, new PassphraseSource(name => name == PassphraseSource.FileVariable ? folder["passphrase"] : null).Read());
        var fault = Assert.Throws<EngineException>(() => new PassphraseSource(name => name == PassphraseSource.FileVariable ? folder["missing"] : null).Read());
        Assert.Contains("missing", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_user_is_asked_once_and_may_refuse()
    {
        var asked = 0;
        PassphraseSource source = new(_ => null, words =>
        {
            asked++;
            return TestSecrets.Passphrase;
        });
        Assert.Equal(TestSecrets.PlainText, PassphraseSecrets.Open(TestSecrets.Salt, source).Decrypt(TestSecrets.SealedText));
        Assert.Equal(TestSecrets.Passphrase, source.Read());
        Assert.Equal(1, asked);
        Assert.Throws<EngineException>(() => new PassphraseSource(_ => null, _ => null).Read());
    }

    [Fact]
    public void The_key_is_derived_once_and_only_when_it_is_needed()
    {
        var start = Stopwatch.GetTimestamp();
        var source = TestSecrets.Source(TestSecrets.Passphrase);
        var secrets = PassphraseSecrets.Open(TestSecrets.Salt, source);
        Assert.True(Stopwatch.GetElapsedTime(start) < TimeSpan.FromMilliseconds(100));
        Assert.Same(secrets, PassphraseSecrets.Open(TestSecrets.Salt, source));
    }

    [Fact]
    public void A_new_stack_has_a_salt_of_its_own_that_opens_again()
    {
        var created = PassphraseSecrets.Create(TestSecrets.KnownSource);
        Assert.NotEqual(TestSecrets.Salt, created.Salt);
        Assert.Matches("^v1:[A-Za-z0-9+/]{11}=:v1:[A-Za-z0-9+/]{16}:[A-Za-z0-9+/]{30}==$", created.Salt);
        Assert.Equal("x", PassphraseSecrets.Open(created.Salt, TestSecrets.Source(TestSecrets.Passphrase)).Decrypt(created.Encrypt("x")));
    }

    [Theory]
    [InlineData("")]
    [InlineData("v2:AQIDBAUGBwg=:v1:AAECAwQFBgcICQoL:iGP4XDXiY7T19n8Y1y69reKRmEaJfA==")]
    [InlineData("v1:?:v1:AAECAwQFBgcICQoL:iGP4XDXiY7T19n8Y1y69reKRmEaJfA==")]
    public void A_malformed_salt_is_refused(string salt)
        => Assert.Equal(EngineFailure.Secrets, Assert.Throws<EngineException>(() => PassphraseSecrets.Open(salt, TestSecrets.KnownSource)).Reason);

    [Theory]
    [InlineData("")]
    [InlineData("v1:AAECAwQFBgcICQoL:")]
    [InlineData("v1:AAEC:iGP4XDXiY7T19n8Y1y69reKRmEaJfA==")]
    [InlineData("v1:AAECAwQFBgcICQoL:jGP4XDXiY7T19n8Y1y69reKRmEaJfA==")]
    [InlineData("v1:AAECAwQFBgcICQoL:*")]
    public void A_damaged_secret_is_refused(string text)
        => Assert.Contains("could not be opened", Assert.Throws<EngineException>(() => TestSecrets.Known.Decrypt(text)).Message, StringComparison.Ordinal);
}
