using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Pulumi.Blanket.Contract;

namespace Pulumi.Blanket.Provider.Tests.Fabrics;

/// <summary>The virtual machines of each member: what was wished of them is what they are.</summary>
internal sealed class FakeMachines(FakeFabric.Holder holder) : MachineAgent.MachineAgentBase
{
    public override async Task Create(CreateMachineRequest request, IServerStreamWriter<MachineEvent> responseStream, ServerCallContext context)
    {
        var member = await holder.Fabric.EnterAsync(context);
        await responseStream.WriteAsync(new MachineEvent { Progress = "defining it" });
        var view = member.Machines[request.Claim.Uuid] = ViewOf(request.Claim, request.Spec, member);
        await responseStream.WriteAsync(new MachineEvent { Done = new MachineDone { Machine = view } });
    }

    public override async Task<MachineView> Get(MachineRequest request, ServerCallContext context)
    {
        var member = await holder.Fabric.EnterAsync(context);
        return member.Machines.GetValueOrDefault(request.Uuid) ?? throw new RpcException(new Status(StatusCode.NotFound, $"there is no machine {request.Uuid} here"));
    }

    public override async Task Update(UpdateMachineRequest request, IServerStreamWriter<MachineEvent> responseStream, ServerCallContext context)
    {
        var member = await holder.Fabric.EnterAsync(context);
        var view = member.Machines[request.Claim.Uuid] = ViewOf(request.Claim, request.Spec, member);
        await responseStream.WriteAsync(new MachineEvent { Done = new MachineDone { Machine = view } });
    }

    public override async Task Delete(MachineRequest request, IServerStreamWriter<MachineEvent> responseStream, ServerCallContext context)
    {
        // What it held is given back some time later, as real agents do it.
        (await holder.Fabric.EnterAsync(context)).Machines.TryRemove(request.Uuid, out _);
        await responseStream.WriteAsync(new MachineEvent { Done = new MachineDone() });
    }

    public override async Task<MachineView> Retire(MachineRequest request, ServerCallContext context)
    {
        var view = await Get(request, context);
        view.Phase = MachinePhase.Retired;
        return view;
    }

    public override async Task<MachineList> List(Empty request, ServerCallContext context)
    {
        var member = await holder.Fabric.EnterAsync(context);
        return new MachineList { Machines = { member.Machines.Values } };
    }

    /// <summary>Says back what it is told.</summary>
    public override async Task Dial(IAsyncStreamReader<DialRequest> requestStream, IServerStreamWriter<DialReply> responseStream, ServerCallContext context)
    {
        await holder.Fabric.EnterAsync(context);
        Assert.True(await requestStream.MoveNext());
        var target = requestStream.Current.Target;
        if (target.Port == 81)
        {
            throw new RpcException(new Status(StatusCode.FailedPrecondition, "nothing listens on port 81"));
        }

        await responseStream.WriteAsync(new DialReply { Dialled = new Dialled { Address = $"{target.Address}:{target.Port}" } });
        while (await requestStream.MoveNext())
        {
            await responseStream.WriteAsync(new DialReply { Data = requestStream.Current.Data });
        }

        await responseStream.WriteAsync(new DialReply { Data = ByteString.CopyFromUtf8("bye") });
    }

    /// <summary>Says once what it said before, and then back what it is told.</summary>
    public override async Task OpenConsole(IAsyncStreamReader<ConsoleRequest> requestStream, IServerStreamWriter<ConsoleReply> responseStream, ServerCallContext context)
    {
        var member = await holder.Fabric.EnterAsync(context);
        Assert.True(await requestStream.MoveNext());
        var machine = member.Machines[requestStream.Current.Target.Uuid];
        await responseStream.WriteAsync(new ConsoleReply { Opened = new ConsoleOpened { Name = machine.Spec.Name, Log = ByteString.CopyFromUtf8("booted\n") } });
        while (await requestStream.MoveNext())
        {
            await responseStream.WriteAsync(new ConsoleReply { Data = requestStream.Current.Data });
        }
    }

    private static MachineView ViewOf(MachineClaim claim, MachineSpec spec, FakeMember member) => new()
    {
        Uuid = claim.Uuid,
        Urn = claim.Urn,
        Phase = MachinePhase.Ready,
        State = spec.Running ? MachineState.Running : MachineState.Stopped,
        Spec = spec.Clone(),
        Location = member.MachineId,
        SettledHost = spec.Host,
        Leases = { claim.Leases },
        GuestAddresses = { claim.Leases.Select(lease => lease.Address) },
    };
}
