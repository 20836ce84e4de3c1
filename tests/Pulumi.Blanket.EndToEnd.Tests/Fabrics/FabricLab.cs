using Pulumi.Blanket.EndToEnd.Tests.Support;
using Pulumi.Blanket.Lab.Definition;

namespace Pulumi.Blanket.EndToEnd.Tests.Fabrics;

/// <summary>Hosts of which fabrics are made: two in clouds, one behind NAT.</summary>
public sealed class FabricLab() : CloudLabBase(
    "fabrics",
    new HostDefinition { Name = "aws-1", Cloud = "aws", StorageGiB = 4 },
    new HostDefinition { Name = "gcp-1", Cloud = "gcp", StorageGiB = 4 },
    new HostDefinition { Name = "onprem-1", Cloud = "onprem", StorageGiB = 4, Behind = "aws-1" });
