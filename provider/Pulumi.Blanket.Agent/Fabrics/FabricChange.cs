using Pulumi.Blanket.Agent.Registry;
using Pulumi.Blanket.Contract;

namespace Pulumi.Blanket.Agent.Fabrics;

/// <summary>What a change makes of a fabric's facts. Pure, but for the signatures of the fabric's own certificates.</summary>
internal static class FabricChange
{
    /// <summary>A label of DNS.</summary>
    private const int LongestName = 63;

    /// <summary>Characters of its machine id that a former host's name gets.</summary>
    private const int FormerSuffix = 8;

    /// <param name="facts">Null founds the fabric.</param>
    /// <param name="self">Machine id of the member that is asked.</param>
    /// <exception cref="AgentException">The change was made for other facts, is not this member's to make, or breaks a rule of fabrics.</exception>
    public static FabricFacts Apply(FabricFacts? facts, ChangeRequest change, string self)
    {
        CheckTurn(facts, change, self);
        var next = facts ?? Found(change, self);
        foreach (var machine in change.Readmit)
        {
            next.Lost.Remove(machine);
        }

        if (facts is not null && change.Settings is not null)
        {
            CheckFixed(facts.Settings, change.Settings);
            next.Settings = change.Settings;
        }

        // Those who go first: a host that is replaced by another hands on its name.
        MarkDeparting(next, change.Departing);
        var former = next.Clone();
        foreach (var machine in change.Leave.Concat(change.Lost))
        {
            Remove(next, machine);
        }

        foreach (var joining in change.Join)
        {
            Join(next, joining, former);
        }

        ImageHomes.Move(next);
        next.Lost.Add(change.Lost.Where(machine => !next.Lost.Contains(machine)));
        Authorize(next, change);
        if (change.Primary.Length > 0 && change.Primary != next.Primary)
        {
            next.Primary = next.Members.Any(member => member.MachineId == change.Primary && !member.Departing)
                ? change.Primary
                : throw new AgentException(AgentFault.BadRequest, $"the next primary {change.Primary} is no member that stays");
            next.Term++;
        }

        if (next.Members.All(member => member.MachineId != next.Primary))
        {
            throw new AgentException(AgentFault.BadRequest, "the primary can't leave before another member takes its place");
        }

        return Counted(next);
    }

    /// <summary>The facts once another member has the place of a primary that was lost.</summary>
    public static FabricFacts TakeOver(FabricFacts facts, string lostPrimary, string self)
    {
        if (facts.Primary == self)
        {
            return facts; // it happened already
        }

        if (facts.Primary != lostPrimary)
        {
            throw new AgentException(AgentFault.Changed, $"the primary is not {lostPrimary} any more but {facts.Primary}; look again");
        }

        Remove(facts, lostPrimary);
        ImageHomes.Move(facts);
        facts.Lost.Add(lostPrimary);
        facts.Primary = self;
        facts.Term++;
        return Counted(facts);
    }

    /// <summary>The facts with what a member's owner set on it; null where they say so already.</summary>
    public static FabricFacts? Announce(FabricFacts facts, string machine, HostSettings settings, Capacity capacity)
    {
        var member = facts.Members.FirstOrDefault(known => known.MachineId == machine);

        // VMs know a member by its name, so that stays.
        if (member is null || settings.Name != member.Settings.Name || (member.Settings.Equals(settings) && capacity.Equals(member.Capacity)))
        {
            return null;
        }

        member.Settings = settings;
        member.Capacity = capacity;
        return Counted(facts);
    }

    /// <summary>The facts without a member that departs and has nothing any more; null where it is none.</summary>
    /// <exception cref="AgentException">It does not depart, or something is registered to be on it or on its way to it.</exception>
    public static FabricFacts? Discharge(FabricFacts facts, string machine)
    {
        if (facts.Members.FirstOrDefault(known => known.MachineId == machine) is not { } member)
        {
            return null;
        }

        if (!member.Departing)
        {
            throw new AgentException(AgentFault.NotPossible, $"{member.Settings.Name} is among the `hosts` of the fabric {facts.Settings.Name}; take it out there first");
        }

        List<string> held = [.. facts.Machines.Where(claim => claim.Member == machine || claim.MovingTo == machine).Select(claim => claim.Name), .. facts.Volumes.Where(claim => claim.Member == machine).Select(claim => claim.Name)];
        if (held.Count > 0)
        {
            throw new AgentException(AgentFault.NotPossible, $"the fabric's registry still has on {member.Settings.Name}: {string.Join(", ", held)}");
        }

        Remove(facts, machine);
        ImageHomes.Move(facts);
        return Counted(facts);
    }

    private static FabricFacts Counted(FabricFacts facts)
    {
        facts.MembershipVersion = ++facts.Version;
        return facts;
    }

    private static void CheckTurn(FabricFacts? facts, ChangeRequest change, string self)
    {
        if (facts is null)
        {
            if (change.ExpectedVersion != 0)
            {
                throw new AgentException(AgentFault.NotPossible, $"this host is in no fabric, so it can't change {change.FabricId}");
            }

            return;
        }

        if (facts.FabricId != change.FabricId)
        {
            throw new AgentException(AgentFault.NotPossible, $"this host is a member of another fabric, {facts.Settings.Name} ({facts.FabricId})");
        }

        if (facts.Primary != self)
        {
            var primary = facts.Members.FirstOrDefault(member => member.MachineId == facts.Primary)?.Settings.Name ?? facts.Primary;
            throw new AgentException(AgentFault.NotPossible, $"only the fabric's primary, {primary}, changes it");
        }

        // What was registered meanwhile is no matter; with machines made all the time nobody would ever get through.
        if (change.ExpectedVersion < facts.MembershipVersion || change.ExpectedVersion > facts.Version)
        {
            throw new AgentException(AgentFault.Changed, $"the fabric changed meanwhile: it is at version {facts.MembershipVersion}, the change was made for {change.ExpectedVersion}");
        }
    }

    private static FabricFacts Found(ChangeRequest change, string self)
    {
        var (certificate, key) = FabricCertificates.MakeAuthority(change.FabricId);
        return new FabricFacts
        {
            FabricId = change.FabricId,
            Settings = change.Settings ?? throw new AgentException(AgentFault.BadRequest, "a new fabric needs settings"),
            Primary = self,
            Term = 1,
            CaCertificate = certificate,
            CaKey = key,
        };
    }

    private static void CheckFixed(FabricSettings now, FabricSettings wanted)
    {
        if ((now.MeshCidr, now.MeshPort, now.CpuModel, now.MachineType, now.Layer, now.Architecture, now.Urn) != (wanted.MeshCidr, wanted.MeshPort, wanted.CpuModel, wanted.MachineType, wanted.Layer, wanted.Architecture, wanted.Urn))
        {
            throw new AgentException(AgentFault.BadRequest, "a fabric's mesh network and port, CPU model, machine type, layer and architecture are fixed when it is made");
        }
    }

    /// <param name="former">Before others left: their addresses are not given to somebody else at once, while some still speak to them there.</param>
    private static void Join(FabricFacts facts, JoiningMember joining, FabricFacts former)
    {
        if (joining.Member is not { Settings: not null } given)
        {
            throw new AgentException(AgentFault.BadRequest, "what is to join says nothing of itself: its member or that one's settings are missing");
        }

        var member = given.Clone();
        if (facts.Lost.Contains(member.MachineId))
        {
            throw new AgentException(AgentFault.NotPossible,
                $"{member.Settings.Name} was given up as lost; its VMs may run elsewhere by now. Take it out of `lostHosts`, and run `blanket-agent leave` on it, before it joins again");
        }

        if (facts.Members.FirstOrDefault(other => other.Settings.Name == member.Settings.Name && other.MachineId != member.MachineId) is { } staying)
        {
            HandOnName(staying.Departing ? staying : throw new AgentException(AgentFault.NotPossible, $"two members would have the name {member.Settings.Name} ({member.MachineId} and {staying.MachineId}); give one of the hosts another `name`"));
            HandOnServices(facts, member, staying.MachineId);
        }

        foreach (var gone in facts.FormerMembers.Where(gone => gone.Name == member.Settings.Name || gone.MachineId == member.MachineId).ToList())
        {
            HandOnServices(facts, member, gone.MachineId);
            facts.FormerMembers.Remove(gone);
        }

        var known = facts.Members.FirstOrDefault(other => other.MachineId == member.MachineId);
        member.MeshAddress = known?.MeshAddress ?? MeshAddresses.LowestFree(facts.Settings.MeshCidr, facts.Members.Concat(former.Members).Select(other => other.MeshAddress));
        member.Certificate = joining.CertificateRequest.Length > 0
            ? FabricCertificates.Sign(facts.CaCertificate, facts.CaKey, joining.CertificateRequest.ToByteArray(), member.MachineId)
            : known?.Certificate ?? throw new AgentException(AgentFault.BadRequest, $"{member.Settings.Name} joins without a certificate request");
        if (known is null)
        {
            facts.Members.Add(member);
        }
        else
        {
            facts.Members[facts.Members.IndexOf(known)] = member;
        }
    }

    /// <summary>VMs that name a host that is replaced mean its successor from now on.</summary>
    private static void HandOnName(Member departing)
        => departing.Settings.Name = $"{departing.Settings.Name[..Math.Min(departing.Settings.Name.Length, LongestName - FormerSuffix - 1)]}-{departing.MachineId[..FormerSuffix]}";

    /// <summary>Networks that leave by a host that is replaced, or expose its ports, do so by its successor.</summary>
    private static void HandOnServices(FabricFacts facts, Member successor, string predecessor)
    {
        foreach (var services in facts.Networks.Select(network => network.Services).OfType<NetworkServices>())
        {
            if (services.EgressMember == predecessor)
            {
                services.EgressMember = successor.MachineId;
            }

            foreach (var port in services.Exposed.Where(port => port.Member == predecessor))
            {
                port.Member = successor.MachineId;
            }
        }
    }

    private static void MarkDeparting(FabricFacts facts, IEnumerable<string> machines)
    {
        foreach (var member in facts.Members.Where(member => machines.Contains(member.MachineId)))
        {
            member.Departing = true;
        }
    }

    private static void Remove(FabricFacts facts, string machine)
    {
        if (facts.Members.FirstOrDefault(member => member.MachineId == machine) is { } member)
        {
            facts.Members.Remove(member);
            facts.FormerMembers.Add(new FormerMember { MachineId = machine, Name = member.Settings.Name });
        }

        foreach (var former in facts.FormerMembers.Where(former => !IsBound(facts, former.MachineId)).ToList())
        {
            facts.FormerMembers.Remove(former);
        }
    }

    private static bool IsBound(FabricFacts facts, string machine)
        => facts.Networks.Any(network => network.Services is { } services && (services.EgressMember == machine || services.Exposed.Any(port => port.Member == machine)));

    private static void Authorize(FabricFacts facts, ChangeRequest change)
    {
        foreach (var key in facts.AuthorizedKeys.Where(key => change.Revoke.Contains(key.PublicKey)).ToList())
        {
            facts.AuthorizedKeys.Remove(key);
        }

        foreach (var key in change.Authorize.Where(key => facts.AuthorizedKeys.All(known => known.PublicKey != key.PublicKey)))
        {
            if (!FabricFactsCheck.IsKeyLine(key.PublicKey))
            {
                throw new AgentException(AgentFault.BadRequest, "a key to be authorised is no type and base64");
            }

            facts.AuthorizedKeys.Add(key);
        }
    }
}
