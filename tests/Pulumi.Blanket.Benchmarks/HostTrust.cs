using Pulumi.Blanket.Lab;
using Pulumi.Blanket.Lab.Hosts;

namespace Pulumi.Blanket.Benchmarks;

/// <summary>What somebody who works by hand sets up between hosts: root of one gets in at another.</summary>
internal static class HostTrust
{
    /// <summary>On the host that gets in.</summary>
    public const string KeyFile = "/root/bench";

    /// <summary>Lets root of one host in at another one, with a key of its own.</summary>
    public static async Task LetInAsync(LabHost from, LabHost to, CancellationToken cancellationToken)
    {
        await from.RunOrThrowAsync(["sh", "-c", $"test -e {KeyFile} || ssh-keygen -q -t ed25519 -N '' -f {KeyFile}"], cancellationToken: cancellationToken);
        var key = await from.RunOrThrowAsync(["cat", $"{KeyFile}.pub"], cancellationToken: cancellationToken);
        await to.RunOrThrowAsync(["tee", "-a", "/root/.ssh/authorized_keys"], $"{key}\n", cancellationToken);
    }
}
