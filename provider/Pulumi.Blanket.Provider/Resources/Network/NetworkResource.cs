using System.Globalization;
using System.Text.Json.Serialization.Metadata;
using Pulumi.Blanket.Contract;
using Pulumi.Blanket.Provider.Agents;
using Pulumi.Blanket.Provider.Errors;
using Pulumi.Blanket.Provider.Operations;
using Pulumi.Blanket.Provider.Resources.Fabric;
using Pulumi.Blanket.Provider.Resources.OnFabric;

namespace Pulumi.Blanket.Provider.Resources.Network;

/// <summary>A layer-2 segment on every member of a fabric; the id is <c>fabric/vni</c>. See Network.md.</summary>
internal sealed class NetworkResource(FabricAccess fabrics) : ResourceOnFabric<NetworkInputs, NetworkOutputs>("blanket:index:Network", fabrics)
{
    protected override bool FollowsFabric => true;

    protected override JsonTypeInfo<NetworkInputs> InputType => NetworkJson.Default.NetworkInputs;

    protected override JsonTypeInfo<NetworkOutputs> OutputType => NetworkJson.Default.NetworkOutputs;

    protected override void Check(CheckContext<NetworkInputs> check)
    {
        base.Check(check);
        NetworkValidation.Check(check);
    }

    protected override void Diff(DiffContext<NetworkInputs, NetworkOutputs> diff)
    {
        base.Diff(diff);

        // What was left to the network may be written down afterwards, and be left to it again.
        if (diff.Knows(nameof(NetworkInputs.Cidr)) && diff.Knows(nameof(NetworkInputs.Gateway)) && diff.New.Cidr == diff.Old.Cidr
            && (diff.New.Gateway ?? NetworkDefaults.FirstAddress(diff.New.Cidr)) == diff.Outputs.Gateway)
        {
            diff.Keep(nameof(NetworkInputs.Gateway));
        }

        if (diff.Knows(nameof(NetworkInputs.Mtu)) && diff.New.Mtu == diff.Outputs.Mtu)
        {
            diff.Keep(nameof(NetworkInputs.Mtu));
        }
    }

    protected override void Preview(PreviewContext<NetworkInputs, NetworkOutputs> preview)
    {
        if (preview.IsCreate && preview.Operation.Knows(nameof(NetworkInputs.Cidr)) && preview.Operation.Knows(nameof(NetworkInputs.Gateway)))
        {
            preview.Know(nameof(NetworkOutputs.Gateway), preview.New.Gateway ?? NetworkDefaults.FirstAddress(preview.New.Cidr));
        }

        if (preview.New.Mtu is { } mtu)
        {
            preview.Know(nameof(NetworkOutputs.Mtu), mtu);
        }
        else if (preview is { IsCreate: false, Old.Mtu: null } && preview.Operation.Knows(nameof(NetworkInputs.Mtu)))
        {
            preview.Keep(nameof(NetworkOutputs.Mtu));
        }
    }

    protected override async Task<Made<NetworkOutputs>> CreateAsync(OperationContext context, NetworkInputs inputs, CancellationToken cancellationToken)
    {
        var session = Open(inputs, context);
        var request = Request(context, inputs);
        request.NamedIds.Add(context.NamedIds);
        var facts = await session.ChangeAsync(primary => primary.PutNetworkAsync(request, cancellationToken), cancellationToken);
        return new(IdOf(session, facts), Outputs(facts));
    }

    protected override async Task<NetworkOutputs> UpdateAsync(OperationContext context, Wish<NetworkInputs, NetworkOutputs> wish, CancellationToken cancellationToken)
    {
        var request = Request(context, wish.New);
        request.Vni = VniOf(wish.Id);
        return Outputs(await Open(wish.New, context).ChangeAsync(primary => primary.PutNetworkAsync(request, cancellationToken), cancellationToken));
    }

    protected override Task DeleteAsync(OperationContext context, string id, NetworkInputs inputs, NetworkOutputs outputs, CancellationToken cancellationToken)
        => Open(inputs, context).ChangeAsync(primary => primary.DropNetworkAsync(VniOf(id), cancellationToken), cancellationToken);

    protected override async Task<Found<NetworkInputs, NetworkOutputs>?> LookAsync(
        FabricSession session, OperationContext context, string id, NetworkInputs inputs, NetworkOutputs outputs, CancellationToken cancellationToken)
    {
        var vni = VniOf(id);
        var registry = (await session.LookAsync(cancellationToken)).Facts;
        if (!registry.Networks.Any(network => network.Vni == vni))
        {
            registry = await session.AskPrimaryAsync(cancellationToken);
        }

        return registry.Networks.FirstOrDefault(network => network.Vni == vni) is { } facts
            ? new(id, Inputs(registry, facts, inputs, unchosenMtu: inputs.Mtu is null ? outputs.Mtu : 0), Outputs(facts))
            : null;
    }

    protected override async Task<Found<NetworkInputs, NetworkOutputs>?> ImportAsync(
        FabricSession session, OperationContext context, FabricConnection fabric, string key, CancellationToken cancellationToken)
    {
        var registry = await session.AskPrimaryAsync(cancellationToken);
        return Single(registry.Networks, key, static network => network.Vni.ToString(CultureInfo.InvariantCulture), static network => network.Name) is { } facts
            ? new(IdOf(session, facts), Inputs(registry, facts, new NetworkInputs { Fabric = fabric, Cidr = "" }, NetworkDefaults.MaxMtu), Outputs(facts))
            : null;
    }

    protected override async Task<IReadOnlyList<Listed>> ListAsync(FabricSession session, CancellationToken cancellationToken)
        => [.. (await session.LookAsync(cancellationToken)).Facts.Networks.Select(network => new Listed(IdOf(session, network), network.Name))];

    private static PutNetworkRequest Request(OperationContext context, NetworkInputs inputs) => new()
    {
        Urn = context.Urn,
        Name = inputs.Name ?? "",
        Cidr = inputs.Cidr,
        Gateway = inputs.Gateway ?? "",
        Mtu = inputs.Mtu ?? 0,
        Services = NetworkTranslation.Services(inputs),
    };

    private static string IdOf(FabricSession session, NetworkFacts facts) => new FabricItemId(session.FabricId, facts.Vni.ToString(CultureInfo.InvariantCulture)).ToString();

    private static uint VniOf(string id) => uint.TryParse(FabricItemId.Parse(id).Key, NumberStyles.None, CultureInfo.InvariantCulture, out var vni)
        ? vni
        : throw new ProviderException(FailureReason.BadInput, $"'{id}' is no id of a Network; it must be the fabric's id, a slash, and the network's number");

    /// <param name="unchosenMtu">The one that it has where nobody chose one; 0 where somebody did.</param>
    private static NetworkInputs Inputs(FabricFacts registry, NetworkFacts facts, NetworkInputs given, int unchosenMtu) => NetworkTranslation.Read(registry, facts, given) with
    {
        Name = facts.Name,
        Cidr = facts.Cidr,
        Gateway = given.Gateway is null && facts.Gateway == NetworkDefaults.FirstAddress(facts.Cidr) ? null : facts.Gateway,
        Mtu = facts.Mtu == unchosenMtu ? null : facts.Mtu,
    };

    private static NetworkOutputs Outputs(NetworkFacts facts) => new() { Vni = (int)facts.Vni, Bridge = $"bk{facts.Vni}", Gateway = facts.Gateway, Mtu = facts.Mtu };
}
