using System.Diagnostics;
using Pulumi.Blanket.Lab;
using Pulumi.Blanket.Lab.Tests;
using Pulumi.Blanket.Lab.Tests.Support;
using Pulumi.Blanket.Provider.Ssh;
using Pulumi.Blanket.Provider.Ssh.Keys;

namespace Pulumi.Blanket.Provider.Tests.Ssh;

[Collection(nameof(SshLab))]
public sealed class CredentialTests(SshLab lab)
{
    private const string Secret = "correct horse battery staple";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string, string, string, string> Keys => new()
    {
        { "ed25519", "", "", "" },
        { "ed25519", "", "", Secret },
        { "ecdsa", "256", "", "" },
        { "ecdsa", "384", "PEM", "" },
        { "ecdsa", "521", "", Secret },
        { "ecdsa", "256", "PKCS8", Secret },
        { "rsa", "2048", "", "" },
        { "rsa", "3072", "PEM", "" },
        { "rsa", "2048", "PEM", Secret },
        { "rsa", "2048", "PKCS8", "" },
        { "rsa", "2048", "PKCS8", Secret },
        { "rsa", "2048", "", Secret },
    };

    [LabTheory]
    [MemberData(nameof(Keys))]
    public async Task Every_kind_of_key_logs_in(string type, string bits, string format, string password)
    {
        using TemporaryFolder folder = new();
        var (_, text, publicKey) = await Tool.KeyAsync(folder.Path, type, bits, format, password);
        await SshLab.AuthorizeAsync(lab.Second, publicKey);
        Assert.Null(SshPrivateKey.Validate(text, password));
        // As it comes out of a copy and paste.
        var pasted = "\n" + text.ReplaceLineEndings("\r\n").TrimEnd() + "  ";
        await using var relay = lab.Relay(lab.Second);
        await using SshConnections connections = new();
        var target = lab.Target(relay) with { Credentials = new SshCredentials { PrivateKey = pasted, PrivateKeyPassword = password } };
        var connection = await connections.GetAsync(target, Token);
        Assert.Equal("root\n", (await connection.RunAsync("id -un", null, Token)).Text);
    }

    public static IEnumerable<TheoryDataRow<string, string, string, string>> EncryptedKeys => Keys.Where(key => key.Data.Item4.Length > 0);

    [LabTheory]
    [MemberData(nameof(EncryptedKeys))]
    public async Task A_missing_or_wrong_key_password_is_told_without_a_connection(string type, string bits, string format, string password)
    {
        using TemporaryFolder folder = new();
        var (_, text, _) = await Tool.KeyAsync(folder.Path, type, bits, format, password);
        Assert.Contains("missing", SshPrivateKey.Validate(text, null), StringComparison.Ordinal);
        Assert.Contains("missing", SshPrivateKey.Validate(text, ""), StringComparison.Ordinal);
        var wrong = SshPrivateKey.Validate(text, "a guess");
        Assert.Contains("wrong", wrong, StringComparison.Ordinal);
        Assert.DoesNotContain("a guess", wrong, StringComparison.Ordinal);

        await using var relay = lab.Relay(lab.Second);
        await using SshConnections connections = new();
        var target = lab.Target(relay) with { Credentials = new SshCredentials { PrivateKey = text, PrivateKeyPassword = "a guess" } };
        var fault = await Assert.ThrowsAsync<SshException>(() => connections.GetAsync(target, Token));
        Assert.Equal(SshFailure.BadKey, fault.Failure);
        Assert.Equal(0, relay.Accepted);
    }

    [Theory]
    [InlineData("", "empty")]
    [InlineData("  \n", "empty")]
    [InlineData("~/.ssh/id_ed25519", "path")]
    [InlineData("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGVjaG8 me", "public key")]
    [InlineData("-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAA\n-----END OPENSSH PRIVATE KEY-----", "damaged")]
    [InlineData("-----BEGIN RSA PRIVATE KEY-----\nnothing\n-----END RSA PRIVATE KEY-----", "damaged")]
    [InlineData("-----BEGIN OPENSSH PRIVATE KEY-----", "damaged")]
    public void Text_that_is_no_key_is_told(string text, string word)
        => Assert.Contains(word, SshPrivateKey.Validate(text, null), StringComparison.Ordinal);

    [LabFact]
    public async Task The_users_agent_logs_in_with_each_kind_of_key()
    {
        using TemporaryFolder folder = new();
        var socket = Path.Combine(folder.Path, "agent");
        using var agent = Process.Start(new ProcessStartInfo("ssh-agent", ["-D", "-a", socket]) { RedirectStandardOutput = true })!;
        try
        {
            await Eventually.TrueAsync(() => Task.FromResult(File.Exists(socket)), "the agent listens");
            Dictionary<string, string> environment = new() { ["SSH_AUTH_SOCK"] = socket };
            await using var relay = lab.Relay(lab.Second);
            var target = lab.Target(relay) with { Credentials = new SshCredentials { AgentSocket = socket } };

            await using (SshConnections connections = new())
            {
                var empty = await Assert.ThrowsAsync<SshException>(() => connections.GetAsync(target, Token));
                Assert.Equal(SshFailure.SshAgentUnavailable, empty.Failure);
            }

            foreach (var (type, bits) in new[] { ("rsa", "2048"), ("ecdsa", "256"), ("ed25519", "") })
            {
                var (file, _, publicKey) = await Tool.KeyAsync(folder.Path, type, bits, "", "");
                // A key before it that the host does not know.
                var (other, _, _) = await Tool.KeyAsync(folder.Path, "ed25519", "", "", "");
                await Tool.RunAsync("ssh-add", ["-q", "-D"], environment);
                await Tool.RunAsync("ssh-add", ["-q", other, file], environment);
                await SshLab.AuthorizeAsync(lab.Second, publicKey);
                await using SshConnections connections = new();
                Assert.Equal("root\n", (await (await connections.GetAsync(target, Token)).RunAsync("id -un", null, Token)).Text);
            }
        }
        finally
        {
            agent.Kill();
            await agent.WaitForExitAsync(Token);
        }
    }

    [LabFact]
    public async Task An_agent_that_is_not_there_matters_only_where_it_is_all_there_is()
    {
        await using var relay = lab.Relay(lab.First);
        await using SshConnections connections = new();
        var target = lab.Target(relay);
        var fault = await Assert.ThrowsAsync<SshException>(() => connections.GetAsync(target with { Credentials = new SshCredentials { AgentSocket = "/nowhere/agent" } }, Token));
        Assert.Equal(SshFailure.SshAgentUnavailable, fault.Failure);
        Assert.Equal(0, relay.Accepted);
        Assert.True((await connections.GetAsync(target with { Credentials = target.Credentials with { AgentSocket = "/nowhere/agent" } }, Token)).IsAlive);
    }

    [LabTheory]
    [InlineData("PasswordAuthentication yes\nKbdInteractiveAuthentication no\nPermitRootLogin yes\n")]
    [InlineData("PasswordAuthentication no\nKbdInteractiveAuthentication yes\nUsePAM yes\nPermitRootLogin yes\n")]
    public async Task A_password_logs_in(string settings)
    {
        var host = lab.Second;
        await host.RunOrThrowAsync(["sh", "-c", "useradd -m -s /bin/sh visitor 2>/dev/null; echo 'visitor:Open-Sesame-9' | chpasswd"], null, Token);
        await host.RunOrThrowAsync(["tee", "/etc/ssh/sshd_config.d/05-password.conf"], settings, Token);
        await host.RunOrThrowAsync(["systemctl", "restart", "ssh.service"], null, Token);
        try
        {
            await using var relay = lab.Relay(host);
            await using SshConnections connections = new();
            var target = lab.Target(relay) with { User = "visitor", Credentials = new SshCredentials { Password = "Open-Sesame-9" } };
            Assert.Equal("visitor\n", (await (await connections.GetAsync(target, Token)).RunAsync("id -un", null, Token)).Text);

            var wrong = target with { Credentials = new SshCredentials { Password = "Open-Barley-9" } };
            var fault = await Assert.ThrowsAsync<SshException>(() => connections.GetAsync(wrong, Token));
            Assert.Equal(SshFailure.AuthenticationRefused, fault.Failure);
            Assert.DoesNotContain("Barley", fault.ToString(), StringComparison.Ordinal);
            Assert.DoesNotContain("Barley", wrong.ToString(), StringComparison.Ordinal);

            // The key comes first, and where the host does not know it, the password helps.
            using TemporaryFolder folder = new();
            var (_, unknown, _) = await Tool.KeyAsync(folder.Path, "ed25519", "", "", "");
            var both = target with { Credentials = new SshCredentials { PrivateKey = unknown, Password = "Open-Sesame-9" } };
            Assert.True((await connections.GetAsync(both, Token)).IsAlive);
        }
        finally
        {
            await host.RunOrThrowAsync(["rm", "/etc/ssh/sshd_config.d/05-password.conf"], null, Token);
            await host.RunOrThrowAsync(["systemctl", "restart", "ssh.service"], null, Token);
        }
    }

    [LabFact]
    public async Task A_refused_login_is_told_at_once_and_not_tried_again()
    {
        await using var relay = lab.Relay(lab.Second);
        await using SshConnections connections = new();
        await lab.Second.RefuseLoginAsync(Token);
        try
        {
            var target = lab.Target(relay);
            var fault = await Assert.ThrowsAsync<SshException>(() => connections.GetAsync(target, Token));
            Assert.Equal(SshFailure.AuthenticationRefused, fault.Failure);
            Assert.Equal(1, relay.Accepted);
            var line = target.Credentials.PrivateKey!.Split('\n')[2];
            Assert.DoesNotContain(line, fault.ToString(), StringComparison.Ordinal);
            Assert.DoesNotContain(line, target.ToString(), StringComparison.Ordinal);
        }
        finally
        {
            await lab.Second.AllowLoginAsync(Token);
        }

        Assert.True((await connections.GetAsync(lab.Target(relay), Token)).IsAlive);
    }

    [Fact]
    public async Task Nothing_to_log_in_with_is_told()
    {
        await using SshConnections connections = new();
        var fault = await Assert.ThrowsAsync<SshException>(() => connections.GetAsync(new SshTarget("192.0.2.1"), Token));
        Assert.Equal(SshFailure.NoCredentials, fault.Failure);
    }

    [Fact]
    public void Credentials_show_their_kinds_alone()
    {
        SshCredentials credentials = new() { PrivateKey = "KEY-TEXT", PrivateKeyPassword = "KEY-WORD", Password = "PASS-WORD", AgentSocket = "/run/agent" };
        Assert.Equal("private key, SSH agent, password", credentials.ToString());
        Assert.DoesNotContain("WORD", $"{new SshTarget("192.0.2.1") { Credentials = credentials }}", StringComparison.Ordinal);
        Assert.NotEqual(credentials.Fingerprint, (credentials with { Password = "other" }).Fingerprint);
    }
}
