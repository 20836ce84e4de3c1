using Pulumi.Blanket.Protocol.Values;
using Pulumi.Blanket.Provider.Ssh.Keys;

namespace Pulumi.Blanket.Provider.Resources.Host;

/// <summary>What can be wrong with the way to a machine, beyond single values; the same for all that take one.</summary>
internal static class LoginValidation
{
    private const string PrivateKey = nameof(HostInputs.PrivateKey);
    private const string PrivateKeyPassword = nameof(HostInputs.PrivateKeyPassword);
    private const string HostKey = nameof(HostInputs.HostKey);
    private const string ProxyJump = nameof(HostInputs.ProxyJump);

    /// <param name="check">Of inputs whose properties have the names that those of a Host have.</param>
    public static void Check<TInputs>(CheckContext<TInputs> check, string? privateKey, string? privateKeyPassword, string? hostKey, IReadOnlyList<ProxyJump>? proxyJump)
        where TInputs : class
    {
        if (check.Knows(PrivateKey) && check.Knows(PrivateKeyPassword))
        {
            CheckKey(check, PropertyPath.Root, privateKey, privateKeyPassword);
        }

        if (check.Knows(HostKey))
        {
            CheckHostKey(check, PropertyPath.Root, hostKey);
        }

        for (var index = 0; check.Knows(ProxyJump) && index < proxyJump?.Count; index++)
        {
            var path = PropertyPath.Root.Property("proxyJump").Item(index);
            CheckKey(check, path, proxyJump[index].PrivateKey, proxyJump[index].PrivateKeyPassword);
            CheckHostKey(check, path, proxyJump[index].HostKey);
        }
    }

    public static void CheckHostKey<TInputs>(CheckContext<TInputs> check, PropertyPath owner, string? hostKey)
        where TInputs : class
    {
        var path = owner.Property("hostKey");
        if (hostKey is not null && SshHostKey.Validate(hostKey) is { } fault)
        {
            check.Fault(path, $"{path} is '{hostKey}': {fault}");
        }
    }

    private static void CheckKey<TInputs>(CheckContext<TInputs> check, PropertyPath owner, string? privateKey, string? password)
        where TInputs : class
    {
        var path = owner.Property("privateKey");
        if (privateKey is not null && SshPrivateKey.Validate(privateKey, password) is { } fault)
        {
            check.Fault(path, $"{path} can't be used: {fault}");
        }
        else if (privateKey is null && password is not null)
        {
            path = owner.Property("privateKeyPassword");
            check.Fault(path, $"{path} is given without a privateKey; give both, or none");
        }
    }
}
