using Pulumi.Blanket.Libvirt.Wire;

namespace Pulumi.Blanket.Libvirt.Errors;

/// <summary>An error as it comes over the wire (<c>struct remote_error</c> in <c>src/remote/remote_protocol.x</c>), without what is unused.</summary>
internal sealed record RemoteError(int Code, int Domain, string? Message)
{
    public string CodeName => ToCode(Code) is var code and not LibvirtErrorCode.Unknown ? $"code {Code} {code}" : $"code {Code}";

    public string DomainName => ToDomain(Domain) is var domain and not LibvirtErrorDomain.Unknown ? domain.ToString() : $"part {Domain}";

    public static LibvirtErrorCode ToCode(int number)
        => Enum.IsDefined((LibvirtErrorCode)number) ? (LibvirtErrorCode)number : LibvirtErrorCode.Unknown;

    public static LibvirtErrorDomain ToDomain(int number)
        => Enum.IsDefined((LibvirtErrorDomain)number) ? (LibvirtErrorDomain)number : LibvirtErrorDomain.Unknown;

    public static RemoteError Read(ref XdrReader reader)
    {
        var code = reader.ReadInt();
        var domain = reader.ReadInt();
        var message = reader.ReadOptionalString();
        return new RemoteError(code, domain, message);
    }
}
