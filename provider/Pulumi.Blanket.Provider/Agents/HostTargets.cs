using Pulumi.Blanket.Provider.Configuration;
using Pulumi.Blanket.Provider.Resources.Fabric;
using Pulumi.Blanket.Provider.Resources.Host;
using Pulumi.Blanket.Provider.Ssh;

namespace Pulumi.Blanket.Provider.Agents;

/// <summary>From what resources say about a way to a host to the way itself.</summary>
internal static class HostTargets
{
    public static SshTarget Of(HostConnection connection, ProviderConfiguration configuration) => new(connection.Address)
    {
        Port = connection.Port,
        User = connection.User,
        HostKey = connection.HostKey,
        Credentials = Credentials(connection.PrivateKey, connection.PrivateKeyPassword, connection.Password, configuration),
        Jumps = [.. (connection.ProxyJump ?? []).Select(jump => Of(jump, connection, configuration))],
    };

    /// <summary>The way into a fabric, with its own account.</summary>
    public static SshTarget Of(FabricConnection fabric, FabricEntry entry, ProviderConfiguration configuration)
    {
        HostConnection host = new() { MachineId = "", Name = entry.Address, Address = entry.Address };
        return new(entry.Address)
        {
            Port = entry.Port,
            User = fabric.Account,
            HostKey = entry.HostKey,
            Credentials = new SshCredentials { PrivateKey = fabric.PrivateKey },
            Jumps = [.. (entry.ProxyJump ?? []).Select(jump => Of(jump, host, configuration))],
        };
    }

    /// <summary>The account that is used where a host names none.</summary>
    public static string User(string? user, ProviderConfiguration configuration) => user ?? configuration.Settings.User ?? SshTarget.DefaultUser;

    private static SshTarget Of(ProxyJump jump, HostConnection host, ProviderConfiguration configuration) => new(jump.Address)
    {
        Port = jump.Port,
        User = jump.User ?? host.User,
        HostKey = jump.HostKey,
        Credentials = jump.PrivateKey is null && jump.Password is null
            ? Credentials(host.PrivateKey, host.PrivateKeyPassword, host.Password, configuration)
            : Credentials(jump.PrivateKey, jump.PrivateKeyPassword, jump.Password, configuration),
    };

    // What a host has of its own; else the provider's; else the user's SSH agent.
    private static SshCredentials Credentials(string? privateKey, string? privateKeyPassword, string? password, ProviderConfiguration configuration)
    {
        if (privateKey is not null || password is not null)
        {
            return new SshCredentials { PrivateKey = privateKey, PrivateKeyPassword = privateKeyPassword, Password = password };
        }

        var settings = configuration.Settings;
        return settings.PrivateKey is not null || settings.Password is not null
            ? new SshCredentials { PrivateKey = settings.PrivateKey, PrivateKeyPassword = settings.PrivateKeyPassword, Password = settings.Password }
            : new SshCredentials { AgentSocket = SshCredentials.AgentFromEnvironment };
    }
}
