using Pulumi.Blanket.Contract;
using Pulumi.Blanket.Provider.Configuration;
using Pulumi.Blanket.Provider.Errors;

namespace Pulumi.Blanket.Provider.Agents;

/// <summary>The user's word that machines are destroyed.</summary>
internal static class LostHosts
{
    public static bool Has(ProviderConfiguration configuration, string machineId, string? name)
        => configuration.Settings.LostHosts is { } lost && (lost.Contains(machineId) || (name is not null && lost.Contains(name)));

    /// <summary>While a host that was replaced is still a member, its name is its successor's too: giving up the living one would have its VMs made twice.</summary>
    /// <exception cref="ProviderException">A name was given that may mean either.</exception>
    public static void RefuseAmbiguous(ProviderConfiguration configuration, IReadOnlyCollection<Member> members)
    {
        foreach (var former in members.Where(static member => member.Departing))
        {
            if (members.FirstOrDefault(member => Has(configuration, "", member.Settings.Name) && IsSuccessor(member, former)) is { } successor)
            {
                throw new ProviderException(FailureReason.BadInput,
                    $"lostHosts names '{successor.Settings.Name}', which is two machines while that host is being replaced: the former one, {former.MachineId}, and its successor, {successor.MachineId}; give the machine id of the one that is destroyed instead");
            }
        }
    }

    /// <summary>A former host is called by its name and the first digits of its machine id.</summary>
    private static bool IsSuccessor(Member member, Member former)
        => former.Settings.Name.LastIndexOf('-') is > 0 and var end && member.MachineId != former.MachineId
            && former.MachineId.StartsWith(former.Settings.Name[(end + 1)..], StringComparison.Ordinal)
            && member.Settings.Name.StartsWith(former.Settings.Name[..end], StringComparison.Ordinal);

    /// <summary>What to say of a host that does not answer.</summary>
    public const string Remedy = "if the machine is destroyed for good, name its machine id in the provider's `lostHosts`";
}
