using Pulumi.Blanket.Provider.Ssh;

namespace Pulumi.Blanket.Provider;

/// <summary>What of a host's inputs can be wrong beyond single values.</summary>
internal static class HostValidation
{
    public static void Check(CheckContext<HostInputs> check)
    {
        CheckKey(check);
        CheckHostKey(check);
        CheckJumps(check);
        if (check.Knows(nameof(HostInputs.Layer)) && check.Inputs.Layer == HostLayer.Xen)
        {
            check.Fault(nameof(HostInputs.Layer), "layer is 'xen', which is not supported yet; use 'auto', 'kvm' or 'qemu'");
        }
    }

    private static void CheckKey(CheckContext<HostInputs> check)
    {
        if (!check.Knows(nameof(HostInputs.PrivateKey)) || !check.Knows(nameof(HostInputs.PrivateKeyPassword)))
        {
            return;
        }

        if (check.Inputs.PrivateKey is { } key)
        {
            if (SshPrivateKey.Validate(key, check.Inputs.PrivateKeyPassword) is { } fault)
            {
                check.Fault(nameof(HostInputs.PrivateKey), $"privateKey can't be used: {fault}");
            }
        }
        else if (check.Inputs.PrivateKeyPassword is not null)
        {
            check.Fault(nameof(HostInputs.PrivateKeyPassword), "privateKeyPassword is given without a privateKey; give both, or none");
        }
    }

    private static void CheckHostKey(CheckContext<HostInputs> check)
    {
        if (check.Knows(nameof(HostInputs.HostKey)) && check.Inputs.HostKey is { } key && SshHostKey.Validate(key) is { } fault)
        {
            check.Fault(nameof(HostInputs.HostKey), $"hostKey is '{key}': {fault}");
        }
    }

    private static void CheckJumps(CheckContext<HostInputs> check)
    {
        if (!check.Knows(nameof(HostInputs.ProxyJump)) || check.Inputs.ProxyJump is not { } jumps)
        {
            return;
        }

        for (var index = 0; index < jumps.Count; index++)
        {
            var path = Protocol.PropertyPath.Root.Property("proxyJump").Item(index);
            if (jumps[index].PrivateKey is { } key && SshPrivateKey.Validate(key, jumps[index].PrivateKeyPassword) is { } fault)
            {
                check.Fault(path.Property("privateKey"), $"{path}.privateKey can't be used: {fault}");
            }

            if (jumps[index].HostKey is { } hostKey && SshHostKey.Validate(hostKey) is { } wrong)
            {
                check.Fault(path.Property("hostKey"), $"{path}.hostKey is '{hostKey}': {wrong}");
            }
        }
    }
}
