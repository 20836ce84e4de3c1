using Pulumi.Blanket.Lab;
using Pulumi.Blanket.Lab.Tests;
using Pulumi.Blanket.Lab.Tests.Support;
using Pulumi.Blanket.Provider.Ssh;
using Pulumi.Blanket.Provider.Ssh.Keys;

namespace Pulumi.Blanket.Provider.Tests.Ssh;

[Collection(nameof(SshLab))]
public sealed class HostKeyTests(SshLab lab)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [LabFact]
    public async Task The_first_key_is_shown_and_can_be_pinned()
    {
        await using var relay = lab.Relay(lab.First);
        await using SshConnections connections = new();
        var connection = await connections.GetAsync(lab.Target(relay), Token);
        Assert.Equal(lab.First.PublicHostKey, connection.HostKey.ToString());
        var pinned = await connections.GetAsync(lab.Target(relay) with { HostKey = $"{connection.HostKey} with a comment" }, Token);
        Assert.Same(connection, pinned);
        Assert.Equal(1, relay.Accepted);
    }

    [LabFact]
    public async Task A_changed_key_is_refused_with_both_fingerprints()
    {
        var host = lab.Second;
        var old = host.PublicHostKey;
        await using var relay = lab.Relay(host);
        await using SshConnections connections = new();
        var pinned = lab.Target(relay) with { HostKey = old };
        Assert.True((await connections.GetAsync(pinned, Token)).IsAlive);
        relay.Cut();
        var changed = await host.ChangeHostKeyAsync(Token);
        try
        {
            var before = relay.Accepted;
            var fault = await Assert.ThrowsAsync<SshException>(() => connections.GetAsync(pinned, Token));
            Assert.Equal(SshFailure.HostKeyMismatch, fault.Failure);
            Assert.True(SshHostKey.TryParse(old, out var expected));
            Assert.True(SshHostKey.TryParse(changed, out var presented));
            Assert.Contains(expected.Fingerprint, fault.Message, StringComparison.Ordinal);
            Assert.Contains(presented.Fingerprint, fault.Message, StringComparison.Ordinal);
            Assert.StartsWith("SHA256:", presented.Fingerprint, StringComparison.Ordinal);
            Assert.Equal(before + 1, relay.Accepted);

            // An open connection does not let in who expects another key.
            Assert.True((await connections.GetAsync(pinned with { HostKey = changed }, Token)).IsAlive);
            Assert.Equal(SshFailure.HostKeyMismatch, (await Assert.ThrowsAsync<SshException>(() => connections.GetAsync(pinned, Token))).Failure);
        }
        finally
        {
            await host.RestoreHostKeyAsync(Token);
        }
    }

    [LabFact]
    public async Task Who_was_trusted_at_first_is_expected_when_the_connection_is_made_anew()
    {
        var host = lab.Second;
        await using var relay = lab.Relay(host);
        await using SshConnections connections = new();
        var target = lab.Target(relay);
        var first = await connections.GetAsync(target, Token);
        var pinned = first.Pin(target);
        Assert.Equal(host.PublicHostKey, pinned.HostKey);
        Assert.Same(first, await connections.GetAsync(pinned, Token));

        // In the middle of what a Create does, another machine comes in between.
        relay.Cut();
        await host.ChangeHostKeyAsync(Token);
        try
        {
            Assert.Equal(SshFailure.HostKeyMismatch, (await Assert.ThrowsAsync<SshException>(() => connections.GetAsync(pinned, Token))).Failure);
        }
        finally
        {
            await host.RestoreHostKeyAsync(Token);
        }
    }

    [LabFact]
    public async Task A_host_with_several_keys_shows_the_pinned_one()
    {
        var host = lab.Second;
        await host.RunOrThrowAsync(["sh", "-c", "cd /root && rm -f more_* && ssh-keygen -q -t rsa -b 2048 -N '' -f more_rsa && ssh-keygen -q -t ecdsa -N '' -f more_ecdsa"], null, Token);
        await host.RunOrThrowAsync(["tee", "/etc/ssh/sshd_config.d/06-keys.conf"], "HostKey /etc/ssh/ssh_host_ed25519_key\nHostKey /root/more_rsa\nHostKey /root/more_ecdsa\n", Token);
        await host.RunOrThrowAsync(["systemctl", "restart", "ssh.service"], null, Token);
        try
        {
            await using var relay = lab.Relay(host);
            foreach (var file in (string[])["/root/more_rsa.pub", "/root/more_ecdsa.pub", "/etc/ssh/ssh_host_ed25519_key.pub"])
            {
                var key = string.Join(' ', (await host.RunOrThrowAsync(["cat", file], null, Token)).Split(' ')[..2]);
                await using SshConnections connections = new();
                Assert.Equal(key, (await connections.GetAsync(lab.Target(relay) with { HostKey = key }, Token)).HostKey.ToString());
            }
        }
        finally
        {
            await host.RunOrThrowAsync(["rm", "/etc/ssh/sshd_config.d/06-keys.conf"], null, Token);
            await host.RunOrThrowAsync(["systemctl", "restart", "ssh.service"], null, Token);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("ssh-ed25519")]
    [InlineData("ssh-ed25519 !!!!")]
    [InlineData("ssh-rsa AAAAC3NzaC1lZDI1NTE5AAAAIBGcTGmfpgBNZEVVAhuOlvHJZwzKOkDVFUMAqQqmvuIn")]
    [InlineData("SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU")]
    public async Task What_is_no_host_key_is_told(string text)
    {
        Assert.NotNull(SshHostKey.Validate(text));
        await using SshConnections connections = new();
        SshTarget target = new("192.0.2.1") { HostKey = text, Credentials = new SshCredentials { Password = "x" } };
        Assert.Equal(SshFailure.BadHostKey, (await Assert.ThrowsAsync<SshException>(() => connections.GetAsync(target, Token))).Failure);
    }
}
