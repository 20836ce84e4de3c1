using Pulumi.Blanket.Lab.Definition;
using Pulumi.Blanket.Lab.Guests;
using Pulumi.Blanket.Lab.Tests.Support;

namespace Pulumi.Blanket.Lab.Tests;

/// <summary>A bare host is a cloud's plain image: no libvirt, no QEMU, and a repository to install them from.</summary>
public sealed class BareHostTests
{
    [LabFact]
    public async Task Libvirt_and_QEMU_can_be_installed_on_a_bare_host()
    {
        const string Name = "lab-bare";
        var token = TestContext.Current.CancellationToken;
        await Lab.DownAsync(Name, SharedLab.Paths, token);
        var lab = await Lab.UpAsync(new LabDefinition(Name, [new HostDefinition { Name = "bare-1", Cloud = "bare", Bare = true }]), SharedLab.Paths, new IgnoredProgress(), cancellationToken: token);
        try
        {
            var host = lab.Hosts[0];
            foreach (var program in (string[])["virsh", "libvirtd", "qemu-system-x86_64", "qemu-img", "wg", "nft", "dnsmasq"])
            {
                Assert.NotEqual(0, (await host.RunAsync(["sh", "-c", $"command -v {program}"], cancellationToken: token)).ExitCode);
            }

            Assert.Equal("", await host.RunOrThrowAsync(["sh", "-c", "dpkg-query -W -f '${Package} ${db:Status-Abbrev}\n' 'libvirt*' 'qemu*' 2>/dev/null | grep ' ii' || true"], cancellationToken: token));
            await host.RunOrThrowAsync(["apt-get", "-q", "update"], cancellationToken: token);
            await host.RunOrThrowAsync(
                ["apt-get", "-q", "-y", "--no-install-recommends", "install", "libvirt-daemon-system", "libvirt-clients", "qemu-system-x86", "qemu-utils", "nftables", "wireguard-go", "wireguard-tools", "dnsmasq-base", "genisoimage"],
                cancellationToken: token);

            // And they work: services run as installed, and a guest boots.
            Assert.Equal("active", await host.RunOrThrowAsync(["systemctl", "is-active", "libvirtd.service"], cancellationToken: token));
            await GuestNetwork.JoinAsync(lab, token);
            var guest = await LabGuest.StartAsync(lab, host, new GuestDefinition
            {
                Name = "first",
                Number = 1,
                Seed = new GuestSeed("first", $"{GuestNetwork.GuestAddress(1)}/{GuestNetwork.PrefixLength}"),
            }, token);
            Assert.EndsWith("first 10.99.0.101", await guest.WaitUntilReadyAsync(token), StringComparison.Ordinal);
        }
        finally
        {
            await Lab.DownAsync(Name, SharedLab.Paths, CancellationToken.None);
        }
    }
}
