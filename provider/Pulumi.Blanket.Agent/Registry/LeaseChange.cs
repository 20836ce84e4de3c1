using Pulumi.Blanket.Contract;

namespace Pulumi.Blanket.Agent.Registry;

/// <summary>Addresses for a machine's network cards. Pure.</summary>
internal static class LeaseChange
{
    /// <summary>One lease per card, in their order. A card that the machine had keeps its lease.</summary>
    /// <exception cref="AgentException">A network is full, or somebody else has the address or the MAC.</exception>
    public static IReadOnlyList<Lease> Take(FabricFacts facts, string uuid, string name, IReadOnlyList<NicClaim> cards, MachineClaim? known)
    {
        var others = facts.Machines.Where(machine => machine.Uuid != uuid).SelectMany(machine => machine.Leases.Select(lease => (machine.Name, Lease: lease))).ToList();
        List<Lease> before = [.. known?.Leases ?? []];
        var kept = cards.Select(card => TakeKept(before, card)).ToList();
        List<Lease> leases = [];
        for (var place = 0; place < cards.Count; place++)
        {
            leases.Add(kept[place] ?? Make(facts, uuid, name, cards[place], place, others, [.. kept.OfType<Lease>(), .. leases]));
        }

        return leases;
    }

    private static Lease? TakeKept(List<Lease> before, NicClaim card)
    {
        var found = before.FirstOrDefault(lease => lease.Vni == card.Vni
            && (card.Address.Length == 0 || card.Address == lease.Address) && (card.Mac.Length == 0 || string.Equals(card.Mac, lease.Mac, StringComparison.OrdinalIgnoreCase)));
        if (found is not null)
        {
            before.Remove(found);
        }

        return found;
    }

    private static Lease Make(FabricFacts facts, string uuid, string name, NicClaim card, int place, List<(string Name, Lease Lease)> others, IReadOnlyList<Lease> own)
    {
        var network = NetworkChange.Find(facts, card.Vni);
        var cidr = OverlayAddresses.ParseNetwork(network.Cidr);
        var inNetwork = others.Where(other => other.Lease.Vni == card.Vni).ToList();
        HashSet<string> taken = [network.Gateway, .. inNetwork.Select(other => other.Lease.Address), .. own.Where(lease => lease.Vni == card.Vni).Select(lease => lease.Address)];
        return new Lease { Vni = card.Vni, Address = Address(), Mac = Mac() };

        string Address()
        {
            if (card.Address.Length == 0)
            {
                return OverlayAddresses.LowestFree(cidr, taken)
                    ?? throw new AgentException(AgentFault.NotPossible, $"the network {network.Name} ({network.Cidr}) has no free address for {name}; make a larger network, or delete machines in it");
            }

            if (!OverlayAddresses.CanBeHeld(cidr, card.Address))
            {
                throw new AgentException(AgentFault.BadRequest, $"address is '{card.Address}', which is no address that a machine can have in the network {network.Name} ({network.Cidr})");
            }

            if (!taken.Contains(card.Address))
            {
                return card.Address;
            }

            var holder = inNetwork.FirstOrDefault(other => other.Lease.Address == card.Address).Name;
            throw new AgentException(AgentFault.NotPossible,
                $"address is '{card.Address}', which {(card.Address == network.Gateway ? "is the gateway" : holder is null ? "another card of the machine has" : $"{holder} has")} in the network {network.Name}; choose another, or none");
        }

        string Mac()
        {
            HashSet<string> macs = [.. inNetwork.Select(other => other.Lease.Mac), .. own.Select(lease => lease.Mac)];
            if (card.Mac.Length > 0)
            {
                var mac = card.Mac.ToLowerInvariant();
                return macs.Contains(mac)
                    ? throw new AgentException(AgentFault.NotPossible, $"mac is '{mac}', which {inNetwork.FirstOrDefault(other => other.Lease.Mac == mac).Name ?? "another card of the machine"} has in the network {network.Name}; choose another, or none")
                    : mac;
            }

            for (var attempt = 0; ; attempt++)
            {
                if (OverlayAddresses.MakeMac(uuid, place, attempt) is var made && !macs.Contains(made))
                {
                    return made;
                }
            }
        }
    }
}
