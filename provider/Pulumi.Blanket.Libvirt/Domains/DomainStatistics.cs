using Pulumi.Blanket.Libvirt.Parameters;

namespace Pulumi.Blanket.Libvirt.Domains;

/// <summary>Figures of one domain among several; names as <c>virConnectGetAllDomainStats</c> documents them, such as <c>balloon.current</c> (KiB).</summary>
public sealed record DomainStatistics(DomainReference Domain, TypedParameters Parameters);
