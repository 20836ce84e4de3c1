using System.Globalization;
using System.Text.Json;
using Pulumi.Blanket.EndToEnd.Tests.Support;
using Pulumi.Blanket.Lab;
using Pulumi.Blanket.Lab.Guests;
using Pulumi.Blanket.Lab.Hosts;
using Pulumi.Blanket.Lab.Machine;
using Pulumi.Blanket.Lab.Tests;
using Pulumi.Blanket.Lab.Tests.Support;
using Pulumi.Blanket.Libvirt.Wire;
using Pulumi.Blanket.Protocol;
using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.EndToEnd.Tests.Machines;

/// <summary>A stack with machines on the lab's fabric, and how its guests are reached: over their network, from the member where they are.</summary>
internal sealed class MachineStack(MachineLabBase lab, Stack stack) : IAsyncDisposable
{
    public Stack Stack { get; } = stack;

    public static async Task<MachineStack> StartAsync(MachineLabBase lab) => new(lab, await lab.StartStackAsync(settings: SettingsOf(lab)));

    /// <summary>Holders of the fabric's connection need nothing else.</summary>
    public static ObjectValue SettingsOf(MachineLabBase lab) => ObjectValue.Empty.With("fabric", lab.Fabric);

    /// <summary>A small guest of the lab's image with one card in the lab's network.</summary>
    public ObjectValue Program(string name) => ObjectValue.Empty
        .With("name", name)
        .With("fabric", lab.Fabric)
        .With("memoryMiB", 128)
        .With("disks", new ArrayValue([ObjectValue.Empty.With("image", lab.Image)]))
        .With("networks", new ArrayValue([ObjectValue.Empty.With("network", lab.Network)]))
        .With("cloudInit", ObjectValue.Empty);

    public Task<StackResource> UpAsync(string name, ObjectValue program) => Stack.UpAsync("VirtualMachine", name, program);

    public async Task<IReadOnlyList<string>> PreviewAsync(string name, ObjectValue program) => (await Stack.PreviewAsync("VirtualMachine", name, program))!;

    public string AddressOf(string name) => ((StringValue)((ArrayValue)Stack[name]["addresses"]).Items[0].Bare).Text;

    /// <summary>Machines behind hosts that are not called as in the lab.</summary>
    public Dictionary<string, LabHost> Renamed { get; } = [];

    public LabHost HostOf(string name) => Stack[name].Text("location") is var host && Renamed.TryGetValue(host, out var machine) ? machine : lab.Lab.Host(host);

    /// <summary>Waits until the guest answers at its address.</summary>
    public async Task<GuestStatus> ReachAsync(string name)
    {
        GuestStatus? status = null;
        try
        {
            await Eventually.TrueAsync(async () => (status = await TryReachAsync(name)) is not null, $"the guest {name} answers at {AddressOf(name)}");
        }
        catch (Exception fault)
        {
            throw new InvalidOperationException($"{fault.Message}\n{await TellAsync(name)}", fault);
        }

        return status!;
    }

    // What its host knows of a guest that keeps silent.
    private async Task<string> TellAsync(string name)
        => (await HostOf(name).RunAsync(["sh", "-c",
            $"""
            uptime
            virsh domstate --reason {Stack[name].Id}
            tail -c 1500 /var/lib/blanket/*/consoles/*{Stack[name].Id[..8]}* 2>&1
            journalctl -u blanket-agent -n 25 --no-pager -o cat
            ip -br addr; ip neigh
            """])).Output;

    /// <summary>What the guest has written to its disk so far, and synced: more than nothing.</summary>
    public async Task<long> ReachWrittenAsync(string name)
    {
        GuestStatus? status = null;
        await Eventually.TrueAsync(async () => (status = await TryReachAsync(name)) is { DiskCounter: > 0 }, $"the guest {name} writes to its disk");
        return status!.DiskCounter;
    }

    public async Task<GuestStatus?> TryReachAsync(string name)
    {
        var answer = await HostOf(name).RunInNetworkAsync(VniOf(name), ["curl", "-s", "-m", "2", $"http://{AddressOf(name)}/status"]);
        return answer.ExitCode == 0 ? JsonSerializer.Deserialize<GuestStatus>(answer.Output, JsonSerializerOptions.Web) : null;
    }

    /// <summary>Has the guest write so much from now on.</summary>
    public async Task LoadAsync(string name, int memoryMiBps, int diskMiBps, int heartbeatMs = 0)
        => (await HostOf(name).RunInNetworkAsync(VniOf(name), ["curl", "-sf", "-m", "10", "-X", "POST", $"http://{AddressOf(name)}/load?memoryMiBps={memoryMiBps}&diskMiBps={diskMiBps}&heartbeatMs={heartbeatMs}"])).OutputOrThrow();

    /// <summary>Cloud-init's user data that let <see cref="RunInsideAsync"/> in.</summary>
    public ObjectValue Login => ObjectValue.Empty.With("userData", $"#cloud-config\nssh_authorized_keys:\n  - {File.ReadAllText($"{lab.Lab.PrivateKeyFile}.pub").Trim()}\n");

    /// <summary>Runs a command inside a guest, by SSH from its gateway.</summary>
    public Task<CommandResult> RunInsideAsync(string name, string command)
    {
        var host = HostOf(name);
        var key = host.PathInside("/root/guest-key");
        if (!File.Exists(key))
        {
            File.Copy(lab.Lab.PrivateKeyFile, key);
            File.SetUnixFileMode(key, UnixFileMode.UserRead);
        }

        return host.RunInNetworkAsync(VniOf(name),
            ["timeout", "120", "ssh", "-i", "/root/guest-key", "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR", "-o", "ConnectTimeout=30", $"root@{AddressOf(name)}", command]);
    }

    /// <summary>The number of the network that its first card is in.</summary>
    private uint VniOf(string name)
    {
        var card = (ObjectValue)((ArrayValue)Stack[name].Inputs["networks"]!.Bare).Items[0].Bare;
        return uint.Parse(((StringValue)card["network"]!.Bare).Text.Split('/')[1], CultureInfo.InvariantCulture);
    }

    /// <summary>All that the plugin has told the user.</summary>
    public string Messages => string.Join('\n', Stack.Messages.Select(message => message.Message));

    /// <summary>Waits until nothing of a machine that moved away is on its former host.</summary>
    public static Task LeavesNothingAsync(LabHost host, string id) => Eventually.TrueAsync(
        async () => !(await LeftAsync(host)).Contains(id, StringComparison.Ordinal) && (await host.RunAsync(["sh", "-c", "ls /run/blanket/move-* 2> /dev/null"])).Output.Length == 0,
        $"nothing of {id} is left on {host.Name}");

    /// <summary>The domain's XML as libvirt says it.</summary>
    public Task<string> XmlAsync(string name, params string[] options) => HostOf(name).RunOrThrowAsync(["virsh", "dumpxml", Stack[name].Id, .. options]);

    /// <summary>Deletes the machines, and checks that nothing of them is left on any member.</summary>
    public async Task DeleteAsync(params string[] names)
    {
        var ids = names.Select(name => Stack[name].Id).ToList();
        await Task.WhenAll(names.Select(Stack.DeleteAsync));
        foreach (var host in lab.Lab.Hosts)
        {
            await Eventually.TrueAsync(async () => await LeftAsync(host) is var left && !ids.Any(id => left.Contains(id, StringComparison.Ordinal)), $"nothing of {string.Join(", ", names)} is left on {host.Name}");
        }
    }

    /// <summary>Deletes a machine where not all members can be looked at.</summary>
    public Task DeleteOnlyAsync(string name) => Stack.DeleteAsync(name);

    public static async Task<string> LeftAsync(LabHost host) => await host.RunOrThrowAsync(["sh", "-c", "virsh list --all --uuid; find /var/lib/blanket 2> /dev/null || true"]);

    /// <summary>A test that failed leaves nothing on which others would fail too.</summary>
    public async ValueTask DisposeAsync()
    {
        await Stack.DeleteRestAsync();
        await Stack.DisposeAsync();
    }
}
