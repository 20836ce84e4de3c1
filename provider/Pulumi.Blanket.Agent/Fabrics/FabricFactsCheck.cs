using System.Net;
using System.Security.Cryptography.X509Certificates;
using Pulumi.Blanket.Agent.Registry;
using Pulumi.Blanket.Contract;

namespace Pulumi.Blanket.Agent.Fabrics;

/// <summary>
/// Whether facts are whole. Once kept they are read at every step, on this host and on those that it hands them to: what a step could
/// stumble over is refused before it gets to the disk, whoever sent it.
/// </summary>
internal static class FabricFactsCheck
{
    private const int WireGuardKeyBytes = 32;

    /// <param name="known">Facts that were checked before: their certificates are not looked into again, which takes longer than all the rest.</param>
    /// <exception cref="AgentException">Something is missing, or is not what it has to be; the message tells all of that.</exception>
    public static void Check(FabricFacts facts, FabricFacts? known = null)
    {
        FabricIds.Checked(facts.FabricId);
        List<string> faults = [];
        CheckSettings(facts.Settings, faults);
        if ((facts.CaCertificate, facts.CaKey) != (known?.CaCertificate, known?.CaKey) && !IsAuthority(facts.CaCertificate, facts.CaKey))
        {
            faults.Add("the authority's certificate and key are no pair");
        }

        foreach (var member in facts.Members)
        {
            CheckMember(facts, member, known, faults);
        }

        Distinct(facts, "machine id", static member => member.MachineId, faults);
        Distinct(facts, "name", static member => member.Settings?.Name ?? "", faults);
        Distinct(facts, "mesh address", static member => member.MeshAddress, faults);
        Distinct(facts, "WireGuard key", static member => member.WireguardPublicKey, faults);
        if (facts.Members.All(member => member.MachineId != facts.Primary))
        {
            faults.Add("the primary is no member");
        }

        if (!facts.AuthorizedKeys.All(static key => IsKeyLine(key.PublicKey)))
        {
            faults.Add("an authorised key is no type and base64");
        }

        RegistryCheck.Check(facts, faults);
        if (faults.Count > 0)
        {
            throw new AgentException(AgentFault.BadRequest, $"these are no facts of a fabric: {string.Join("; ", faults)}");
        }
    }

    /// <summary>Whether a key can become a line of authorized_keys: a type and base64, and nothing else.</summary>
    public static bool IsKeyLine(string key)
        => key.Split(' ') is [_, _] && key.All(static character => character is ' ' or '+' or '/' or '=' or '-' or '.' or '@' || char.IsAsciiLetterOrDigit(character));

    private static void CheckSettings(FabricSettings? settings, List<string> faults)
    {
        if (settings is null)
        {
            faults.Add("the settings are missing");
            return;
        }

        if (!MeshAddresses.TryParseNetwork(settings.MeshCidr, out _))
        {
            faults.Add($"the mesh network '{settings.MeshCidr}' is no IPv4 network");
        }

        if (settings.MeshPort is < 1 or > IPEndPoint.MaxPort)
        {
            faults.Add($"the mesh port {settings.MeshPort} is none");
        }
    }

    private static void CheckMember(FabricFacts facts, Member member, FabricFacts? known, List<string> faults)
    {
        if (member.Settings is null || member.MachineId.Length == 0)
        {
            faults.Add($"of the member {member.MachineId} the {(member.Settings is null ? "settings are" : "machine id is")} missing");
            return;
        }

        var name = member.Settings.Name;
        // As it is written everywhere: it becomes a part of rules and of settings of others.
        if (!IPAddress.TryParse(member.MeshAddress, out var address) || address.ToString() != member.MeshAddress
            || (MeshAddresses.TryParseNetwork(facts.Settings?.MeshCidr, out var network) && !network.Contains(address)))
        {
            faults.Add($"{name} has no address in the mesh");
        }

        if (!IsWireGuardKey(member.WireguardPublicKey))
        {
            faults.Add($"{name} has no WireGuard key");
        }

        if (known?.Members.Any(before => before.MachineId == member.MachineId && before.Certificate == member.Certificate) != true && !IsCertificateOf(member.Certificate, member.MachineId))
        {
            faults.Add($"{name} has no certificate");
        }
    }

    private static void Distinct(FabricFacts facts, string what, Func<Member, string> of, List<string> faults)
        => faults.AddRange(facts.Members.GroupBy(of).Where(static group => group.Skip(1).Any()).Select(group => $"two members have the {what} '{group.Key}'"));

    private static bool IsWireGuardKey(string key)
    {
        Span<byte> bytes = stackalloc byte[WireGuardKeyBytes];
        return Convert.TryFromBase64String(key, bytes, out var count) && count == WireGuardKeyBytes && !key.Any(char.IsWhiteSpace);
    }

    private static bool IsAuthority(string certificate, string key)
    {
        try
        {
            using var pair = X509Certificate2.CreateFromPem(certificate, key);
            return true;
        }
        catch (Exception fault) when (FabricCertificates.IsUnreadable(fault))
        {
            return false;
        }
    }

    private static bool IsCertificateOf(string certificate, string machineId)
    {
        try
        {
            using var read = X509Certificate2.CreateFromPem(certificate);
            return read.GetNameInfo(X509NameType.SimpleName, forIssuer: false) == machineId;
        }
        catch (Exception fault) when (FabricCertificates.IsUnreadable(fault))
        {
            return false;
        }
    }
}
