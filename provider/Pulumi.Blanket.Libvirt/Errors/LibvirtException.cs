namespace Pulumi.Blanket.Libvirt.Errors;

/// <summary>A call to libvirt failed. The message says what was asked, and why it failed.</summary>
public sealed class LibvirtException : Exception
{
    public LibvirtException(LibvirtFault fault, string message, Exception? inner = null, bool requestSent = false)
        : base(message, inner)
    {
        Fault = fault;
        RequestSent = requestSent;
    }

    internal LibvirtException(string call, RemoteError error)
        : base($"libvirt refused {call}: {error.Message ?? "it gave no reason"} ({error.CodeName}, from {error.DomainName})")
    {
        Fault = LibvirtFault.Rejected;
        RequestSent = true;
        RawCode = error.Code;
        RawDomain = error.Domain;
        LibvirtMessage = error.Message;
    }

    public LibvirtFault Fault { get; }

    /// <summary>libvirt's code; <see cref="LibvirtErrorCode.Ok"/> where libvirt gave no answer.</summary>
    public LibvirtErrorCode Code => RemoteError.ToCode(RawCode);

    /// <summary>The part of libvirt that the error comes from; <see cref="LibvirtErrorDomain.None"/> where libvirt gave no answer.</summary>
    public LibvirtErrorDomain Domain => RemoteError.ToDomain(RawDomain);

    /// <summary>The code's number as it came.</summary>
    public int RawCode { get; }

    /// <summary>The domain's number as it came.</summary>
    public int RawDomain { get; }

    /// <summary>libvirt's own words; null where it gave no answer. Texts change between versions: show them, never match on them.</summary>
    public string? LibvirtMessage { get; }

    /// <summary>
    /// True when the request was handed to the connection: what it asks for may have happened, also when no answer came. False: it
    /// certainly has not.
    /// </summary>
    public bool RequestSent { get; }

    /// <summary>True when libvirt says that what the call names does not exist (a domain, pool, volume or piece of metadata).</summary>
    public bool IsNotFound => Code is LibvirtErrorCode.NoDomain or LibvirtErrorCode.NoStoragePool or LibvirtErrorCode.NoStorageVol or LibvirtErrorCode.NoDomainMetadata;

    /// <summary>The same fault, told of one call among those that it ended.</summary>
    internal LibvirtException ForCall(string call, bool requestSent)
        => new(Fault, $"{call} was not answered: {Message}", this, requestSent);
}
