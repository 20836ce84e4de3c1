namespace Pulumi.Blanket.Libvirt.Tests.Lab;

[CollectionDefinition(nameof(LibvirtLab))]
public sealed class LibvirtLabDefinition : ICollectionFixture<LibvirtLab>;
