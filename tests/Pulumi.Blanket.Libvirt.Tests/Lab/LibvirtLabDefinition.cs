namespace Pulumi.Blanket.Libvirt.Tests;

[CollectionDefinition(nameof(LibvirtLab))]
public sealed class LibvirtLabDefinition : ICollectionFixture<LibvirtLab>;
