using System.Xml.Linq;
using Pulumi.Blanket.Lab;
using Pulumi.Blanket.Lab.Tests;
using Pulumi.Blanket.Lab.Tests.Support;
using Pulumi.Blanket.Libvirt.Errors;
using Pulumi.Blanket.Libvirt.Host;
using Pulumi.Blanket.Libvirt.Xml;

namespace Pulumi.Blanket.Libvirt.Tests.Lab;

/// <summary>What a real libvirtd tells of its host, and how it bears many callers.</summary>
[Collection(nameof(LibvirtLab))]
public sealed class HostTests(LibvirtLab lab)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [LabFact]
    public async Task Facts_of_the_host()
    {
        await using var client = await LibvirtLab.ConnectAsync(lab.Source);
        Assert.InRange(await client.GetLibraryVersionAsync(Token), new Version(9, 0, 0), new Version(99, 0, 0));
        Assert.InRange(await client.GetHypervisorVersionAsync(Token), new Version(5, 0, 0), new Version(99, 0, 0));
        Assert.Equal("aws-1", await client.GetHostnameAsync(Token));
        Assert.Equal("qemu:///system", await client.GetUriAsync(Token));

        var node = await client.GetNodeInfoAsync(Token);
        Assert.Equal(("x86_64", Environment.ProcessorCount), (node.Model, node.Cpus));
        var memory = await client.GetNodeMemoryAsync(Token);
        // Two sources: the NUMA nodes' figures and /proc/meminfo. On some machines they differ by far.
        Assert.InRange(node.MemoryKiB, 1ul << 20, ulong.MaxValue);
        Assert.InRange(memory.FreeKiB!.Value, 1024ul, memory.TotalKiB!.Value);
        Assert.InRange(await client.GetFreeMemoryBytesAsync(Token), 1ul << 20, ulong.MaxValue);
    }

    [LabFact]
    public async Task Capabilities_and_the_CPU_that_hosts_have_in_common()
    {
        await using var client = await LibvirtLab.ConnectAsync(lab.Source);
        var capabilities = await client.GetCapabilitiesAsync(Token);
        Assert.Equal("capabilities", capabilities.Name.LocalName);
        var host = capabilities.Element("host")!.Element("cpu")!;
        Assert.NotEqual(CpuComparison.Incompatible, await client.CompareCpuAsync(host, Token));

        var domain = await client.GetDomainCapabilitiesAsync(architecture: "x86_64", machine: "pc", domainType: "qemu", cancellationToken: Token);
        var model = domain.Element("cpu")!.Elements("mode").First(mode => (string?)mode.Attribute("name") == "host-model");
        XElement cpu = new("cpu", model.Elements());
        var baseline = await client.GetBaselineHypervisorCpuAsync([cpu, cpu], architecture: "x86_64", machine: "pc", domainType: "qemu", cancellationToken: Token);
        Assert.NotNull(CpuDefinition.FromXml(baseline).Model);
        Assert.NotEqual(CpuComparison.Incompatible, await client.CompareHypervisorCpuAsync(baseline, architecture: "x86_64", machine: "pc", domainType: "qemu", cancellationToken: Token));
        Assert.Equal("cpu", (await client.GetBaselineCpuAsync([host, host], cancellationToken: Token)).Name.LocalName);
    }

    [LabFact]
    public async Task A_thousand_calls_side_by_side()
    {
        await using var client = await LibvirtLab.ConnectAsync(lab.Source);
        var names = await Task.WhenAll(Enumerable.Range(0, 1000).Select(_ => client.GetHostnameAsync(Token)));
        Assert.All(names, name => Assert.Equal("aws-1", name));
    }

    [LabFact]
    public async Task Errors_have_libvirts_code_and_domain()
    {
        await using var client = await LibvirtLab.ConnectAsync(lab.Source);
        var fault = await Assert.ThrowsAsync<LibvirtException>(() => client.GetDomainAsync(Guid.NewGuid(), Token));
        Assert.Equal((LibvirtFault.Rejected, 42, LibvirtErrorCode.NoDomain, LibvirtErrorDomain.Qemu), (fault.Fault, fault.RawCode, fault.Code, fault.Domain));
        Assert.Null(await client.FindDomainAsync("nobody", Token));
        Assert.Equal(LibvirtErrorCode.NoName, (await Assert.ThrowsAsync<LibvirtException>(() => client.DefineDomainAsync(new XElement("domain"), cancellationToken: Token))).Code);
        Assert.Equal(LibvirtErrorCode.NoStoragePool, (await Assert.ThrowsAsync<LibvirtException>(() => client.GetPoolAsync("nothing", Token))).Code);

        // A driver that libvirtd does not have fails the connection, with libvirt's reason.
        fault = await Assert.ThrowsAsync<LibvirtException>(() => LibvirtLab.ConnectAsync(lab.Source, options => options with { Uri = "nonsense:///system" }));
        Assert.Equal(LibvirtFault.Rejected, fault.Fault);
    }
}
