namespace Pulumi.Blanket.Provider.Resources.Host;

/// <summary>What of a host's inputs can be wrong beyond single values.</summary>
internal static class HostValidation
{
    public static void Check(CheckContext<HostInputs> check)
    {
        LoginValidation.Check(check, check.Inputs.PrivateKey, check.Inputs.PrivateKeyPassword, check.Inputs.HostKey, check.Inputs.ProxyJump);
        if (check.Knows(nameof(HostInputs.Layer)) && check.Inputs.Layer == HostLayer.Xen)
        {
            check.Fault(nameof(HostInputs.Layer), "layer is 'xen', which is not supported yet; use 'auto', 'kvm' or 'qemu'");
        }
    }
}
