using Pulumi.Blanket.Contract;
using Pulumi.Blanket.Lab;
using Pulumi.Blanket.Lab.Tests;
using Pulumi.Blanket.Lab.Tests.Support;
using Pulumi.Blanket.Protocol;
using Pulumi.Blanket.Protocol.Values;
using Pulumi.Blanket.Provider.Agents;
using Pulumi.Blanket.Provider.Configuration;
using Pulumi.Blanket.Provider.Errors;
using Pulumi.Blanket.Provider.Hosting;
using Pulumi.Blanket.Provider.Reach;
using Pulumi.Blanket.Provider.Tests.Support;

namespace Pulumi.Blanket.Provider.Tests.Fabrics;

/// <summary>Ways to VMs: which member is asked, what goes either way, how it ends, and what the command line and the environment have to say.</summary>
public sealed class ReachTests
{
    private static readonly ReachArguments Web = new() { Vm = "11111111-2222-3333-4444-555555555555" };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_typed_goes_there_and_what_is_said_comes_back()
    {
        await using var fabric = await StartAsync("c");
        TypedStreams user = new();
        user.Type("hello ");
        user.Type("there ");
        user.End();
        await (await FindAsync(fabric)).DialAsync(Web, user, Token);
        Assert.Equal("hello there bye", user.Shown);
    }

    [Fact]
    public async Task The_console_shows_what_was_said_before_and_one_key_leaves_it()
    {
        await using var fabric = await StartAsync("a");
        TypedStreams user = new();
        user.Type("ls\r");
        user.Type("exit\u001dnot for the guest");
        List<string> opened = [];
        await (await FindAsync(fabric)).OpenConsoleAsync(Web, new LeavableStreams(user), opened.Add, Token);
        Assert.Equal("booted\nls\rexit", user.Shown);
        Assert.Equal(["web"], opened);
    }

    [Fact]
    public async Task Who_does_not_look_any_more_ends_it()
    {
        await using var fabric = await StartAsync("a");
        TypedStreams user = new();
        var way = (await FindAsync(fabric)).DialAsync(Web, user, Token);
        user.Type("one");
        await Eventually.TrueAsync(() => Task.FromResult(user.Shown == "one"), "it is said back");
        user.IsClosed = true;
        user.Type("two");
        await way.WaitAsync(TimeSpan.FromSeconds(5), Token);
    }

    [Fact]
    public async Task A_refusal_is_told_with_the_hosts_name()
    {
        await using var fabric = await StartAsync("c");
        var refused = await Assert.ThrowsAsync<ProviderException>(async () => await (await FindAsync(fabric)).DialAsync(Web with { Port = 81 }, new TypedStreams(), Token));
        Assert.Equal((FailureReason.Precondition, "host c: nothing listens on port 81"), (refused.Reason, refused.Message));
    }

    [Fact]
    public async Task A_member_that_can_not_be_dialled_is_reached_through_another()
    {
        await using var fabric = await StartAsync("b");
        fabric["b"].IsCut = true;
        TypedStreams user = new();
        user.End();
        await (await FindAsync(fabric)).DialAsync(Web, user, Token);
        Assert.Equal("bye", user.Shown);
        Assert.Contains(fabric.Calls, call => call == ("a", "b", "MachineAgent/Dial"));
    }

    [Fact]
    public async Task A_vm_is_found_where_the_directory_does_not_know_it_and_one_that_is_nowhere_is_told()
    {
        await using var fabric = await StartAsync("c");
        fabric.Facts.Machines[0].Member = fabric["a"].MachineId;
        Assert.Equal("c", (await FindAsync(fabric)).Host);
        fabric["c"].Machines.Clear();
        Assert.Equal(FailureReason.NotFound, (await Assert.ThrowsAsync<ProviderException>(() => FindAsync(fabric))).Reason);
        fabric["c"].IsSilent = true;
        Assert.Equal(FailureReason.Unavailable, (await Assert.ThrowsAsync<ProviderException>(() => FindAsync(fabric))).Reason);
    }

    [Theory]
    [InlineData("reach --vm 11111111-2222-3333-4444-555555555555", 22, "", false)]
    [InlineData("reach --vm=11111111-2222-3333-4444-555555555555 --port=80 --address 10.0.0.2", 80, "10.0.0.2", false)]
    [InlineData("console --force --vm 11111111-2222-3333-4444-555555555555", 22, "", true)]
    public void Arguments_are_understood(string arguments, int port, string address, bool force)
    {
        var parsed = PluginArguments.Parse(arguments.Split(' '));
        Assert.Null(parsed.Fault);
        Assert.Equal(Web with { Port = port, Address = address, Force = force }, parsed.Reach);
    }

    [Theory]
    [InlineData("reach", "--vm is missing")]
    [InlineData("reach --vm web", "needs a VM's UUID")]
    [InlineData("reach --vm", "needs a VM's UUID")]
    [InlineData("reach --vm 11111111-2222-3333-4444-555555555555 --port 70000", "--port needs a port")]
    [InlineData("reach --vm 11111111-2222-3333-4444-555555555555 --force", "there is no option '--force'")]
    [InlineData("console --vm 11111111-2222-3333-4444-555555555555 --port 1", "there is no option '--port'")]
    [InlineData("console more", "one argument too many")]
    public void Arguments_that_make_no_sense_are_told(string arguments, string fault)
        => Assert.Contains(fault, PluginArguments.Parse(arguments.Split(' ')).Fault, StringComparison.Ordinal);

    [Fact]
    public async Task The_connection_is_taken_as_outputs_and_states_have_it()
    {
        await using var fabric = await FakeFabric.StartAsync();
        var wrapped = new ObjectValue([KeyValuePair.Create("c", fabric.Connection)]);
        var wire = PropertyCodec.EncodeObject(wrapped).Fields["c"].ToString();
        Assert.Contains("4dabf18193072939515e22adb298388d", wire, StringComparison.Ordinal);
        var plain = PropertyCodec.EncodeObject((ObjectValue)fabric.Connection.Bare).ToString();
        foreach (var text in new[] { wire, plain, System.Text.Json.JsonSerializer.Serialize(plain) })
        {
            var read = ConnectionVariable.Read(text);
            Assert.Equal((FakeFabric.Id, "hunter2", 2), (read.FabricId, read.PrivateKey, read.Entries.Count));
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData("hunter2")]
    [InlineData("{\"privateKey\": \"hunter2\"}")]
    [InlineData("{\"fabricId\": \"f\", \"account\": \"a\", \"privateKey\": \"hunter2\", \"publicKey\": \"\", \"entries\": \"hunter2\"}")]
    [InlineData("{\"fabricId\": \"f\", \"account\": \"a\", \"privateKey\": \"hunter2\", \"publicKey\": \"\", \"entries\": [{\"port\": 22}]}")]
    [InlineData("{\"4dabf18193072939515e22adb298388d\": \"1b47061264138c4ac30d75fd1eb44270\", \"ciphertext\": \"hunter2\"}")]
    public void What_is_no_connection_is_told_without_what_is_in_it(string? text)
    {
        var fault = Assert.Throws<ProviderException>(() => ConnectionVariable.Read(text));
        Assert.Equal(FailureReason.BadInput, fault.Reason);
        Assert.Contains("BLANKET_FABRIC", fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", fault.ToString(), StringComparison.Ordinal);
    }

    private static async Task<FakeFabric> StartAsync(string location)
    {
        var fabric = await FakeFabric.StartAsync();
        fabric.Facts.Machines.Add(new MachineClaim { Uuid = Web.Vm, Name = "web", Member = fabric[location].MachineId });
        fabric[location].Machines[Web.Vm] = new MachineView { Uuid = Web.Vm, Spec = new MachineSpec { Name = "web" } };
        return fabric;
    }

    private static Task<AgentClient> FindAsync(FakeFabric fabric)
        => fabric.Access.Open(ConnectionVariable.Read(PropertyCodec.EncodeObject((ObjectValue)fabric.Connection.Bare).ToString()), ProviderConfiguration.Empty, "op").FindMachineAgentAsync(Web.Vm, Token);
}
