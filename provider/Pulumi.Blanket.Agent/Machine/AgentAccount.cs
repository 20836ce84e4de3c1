namespace Pulumi.Blanket.Agent.Machine;

/// <summary>
/// The account through which a fabric's plugin calls come. Its keys may run <c>blanket-agent connect</c> and nothing else: no shell, no
/// terminal, no forwarding, no files.
/// </summary>
internal static class AgentAccount
{
    public const string Name = "blanket";

    private const string KeyFile = AgentPaths.Home + "/.ssh/authorized_keys";

    public static async Task<bool> ExistsAsync(CancellationToken cancellationToken)
        => (await Command.RunAsync("getent", ["passwd", Name], cancellationToken: cancellationToken)).Succeeded;

    /// <summary>Whether it is among those that were made on the host itself, as it is; read, not asked for.</summary>
    public static bool IsMade() => File.ReadLines("/etc/passwd").Any(static line => line.StartsWith($"{Name}:", StringComparison.Ordinal));

    /// <summary>Makes the account where it is missing.</summary>
    /// <param name="making">Told before it is made: what was made and not noted would never be taken back.</param>
    /// <exception cref="AgentException">There is another account of that name.</exception>
    public static async Task MakeAsync(Action making, CancellationToken cancellationToken)
    {
        var found = await Command.RunAsync("getent", ["passwd", Name], cancellationToken: cancellationToken);
        if (found.Succeeded)
        {
            if (found.Output.Split(':') is not [_, _, _, _, _, AgentPaths.Home, ..])
            {
                throw new AgentException(AgentFault.NotPossible, $"the host has an account '{Name}' that is not ours ({found.Output.Trim()}); rename or remove it");
            }

            return;
        }

        making();

        // A password of '*' fits none. A locked one ('!') would make sshd refuse the account's keys, too, where it runs without PAM.
        await Command.RunOrThrowAsync("useradd",
            ["--system", "--user-group", "--home-dir", AgentPaths.Home, "--no-create-home", "--shell", "/bin/sh", "--password", "*", "--comment", "Pulumi.Blanket", Name],
            cancellationToken: cancellationToken);
    }

    public static async Task RemoveAsync(CancellationToken cancellationToken)
    {
        if (await ExistsAsync(cancellationToken))
        {
            await Command.RunOrThrowAsync("userdel", ["--force", Name], cancellationToken: cancellationToken);
        }

        if (Directory.Exists(AgentPaths.Home))
        {
            Directory.Delete(AgentPaths.Home, recursive: true);
        }
    }

    /// <summary>Lets in exactly these keys; each is a type and base64.</summary>
    public static void Authorize(IEnumerable<string> publicKeys)
    {
        // sshd reads it as the account, and takes it only from folders that nobody else may write.
        DurableFile.MakeFolder(AgentPaths.Home, DurableFile.OpenFolder);
        DurableFile.MakeFolder(Path.GetDirectoryName(KeyFile)!, DurableFile.OpenFolder);
        var lines = publicKeys.Order(StringComparer.Ordinal).Select(key => $"restrict,command=\"{AgentPaths.Program} connect\" {key}\n");
        DurableFile.WriteWhereItDiffers(KeyFile, string.Concat(lines), DurableFile.Readable);
    }
}
