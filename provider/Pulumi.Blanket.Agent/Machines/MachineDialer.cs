using System.Net;
using System.Net.Sockets;
using Pulumi.Blanket.Agent.Fabrics;
using Pulumi.Blanket.Agent.Machine;
using Pulumi.Blanket.Agent.Networks;
using Pulumi.Blanket.Agent.Timing;
using Pulumi.Blanket.Contract;

namespace Pulumi.Blanket.Agent.Machines;

/// <summary>
/// Connects to a TCP port of a machine that runs here, as its gateway, from where that is: at an address that the machine has leased, and
/// nowhere else. So who may dial reaches machines and nothing of the host, or beyond it.
/// </summary>
internal sealed class MachineDialer(FabricStore fabrics)
{
    /// <summary>A guest that is gone leaves no connection behind.</summary>
    private const int Asks = 3;

    /// <param name="address">Empty: the machine's first.</param>
    /// <exception cref="AgentException">It does not run, has no such address, or does not take the connection.</exception>
    public async Task<DialledMachine> DialAsync(FoundMachine machine, string address, int port, CancellationToken cancellationToken)
    {
        var name = machine.Record.Spec.Name;
        if (port is < 1 or > ushort.MaxValue)
        {
            throw new AgentException(AgentFault.BadRequest, $"{port} is no port; give one from 1 to {ushort.MaxValue}");
        }

        if (machine.State != MachineState.Running)
        {
            throw new AgentException(AgentFault.NotPossible, $"{name} does not run (it is {MachineWords.Of(machine.State)})");
        }

        var lease = LeaseOf(machine, address);
        var network = fabrics.Current?.Networks.FirstOrDefault(known => known.Vni == lease.Vni)
            ?? throw new AgentException(AgentFault.NotPossible, $"{name} has {lease.Address} in a network that this member does not have");
        try
        {
            return new(await ConnectAsync(network, lease.Address, port, cancellationToken), name, $"{lease.Address}:{port}");
        }
        catch (SocketException fault) when (fault.SocketErrorCode == SocketError.ConnectionRefused)
        {
            throw new AgentException(AgentFault.NotPossible, $"nothing listens on port {port} of {name} ({lease.Address})", fault);
        }
        catch (SocketException fault)
        {
            throw new AgentException(AgentFault.Unavailable, $"{name} does not answer at {lease.Address}, port {port}: {fault.Message}", fault);
        }
        catch (OperationCanceledException fault) when (!cancellationToken.IsCancellationRequested)
        {
            throw new AgentException(AgentFault.Unavailable, $"{name} did not answer at {lease.Address}, port {port}, within {AgentTimeouts.OfProcess.GuestConnect.TotalSeconds:0} s", fault);
        }
    }

    /// <exception cref="AgentException">It has none such.</exception>
    public static Lease LeaseOf(FoundMachine machine, string address)
    {
        var (name, leases) = (machine.Record.Spec.Name, machine.Record.Leases);
        return leases.Count == 0
            ? throw new AgentException(AgentFault.NotPossible, $"{name} is in no network; its console can be reached")
            : address.Length == 0
            ? leases[0]
            : IPAddress.TryParse(address, out var wanted) && leases.FirstOrDefault(lease => IPAddress.Parse(lease.Address).Equals(wanted)) is { } lease
            ? lease
            : throw new AgentException(AgentFault.BadRequest, $"{name} has no address '{address}'; it has {string.Join(", ", leases.Select(known => known.Address))}");
    }

    private static async Task<Socket> ConnectAsync(NetworkFacts network, string address, int port, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(AgentTimeouts.OfProcess.GuestConnect);
        var socket = NetworkNamespace.Run(OverlayNetwork.Gateway(network.Vni), static () => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true });
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Parse(network.Gateway), 0));
            SocketLiveness.Watch(socket, AgentTimeouts.OfProcess.GuestSilence, AgentTimeouts.OfProcess.GuestAsk, Asks);
            await socket.ConnectAsync(new IPEndPoint(IPAddress.Parse(address), port), limit.Token);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
