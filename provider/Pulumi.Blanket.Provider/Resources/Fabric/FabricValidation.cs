using Pulumi.Blanket.Protocol.Values;
using Pulumi.Blanket.Provider.Resources.Host;

namespace Pulumi.Blanket.Provider.Resources.Fabric;

/// <summary>What of a fabric's inputs can be wrong beyond single values.</summary>
internal static class FabricValidation
{
    private static readonly string[] Fixed = ["meshCidr", "meshPort"];

    public static void Check(CheckContext<FabricInputs> check)
    {
        foreach (var name in Fixed)
        {
            if (check.Olds[name] is { } old && check.Raw[name] is { } wanted && !old.ContainsUnknown && !wanted.ContainsUnknown && !old.Bare.Equals(wanted.Bare))
            {
                check.Fault(PropertyPath.Root.Property(name), $"{name} is {Show(wanted)}, and the fabric was made with {Show(old)}, which can't change while it lives; set it back, or make another fabric");
            }
        }

        if (check.Knows(nameof(FabricInputs.Hosts)))
        {
            CheckHosts(check);
        }
    }

    private static void CheckHosts(CheckContext<FabricInputs> check)
    {
        for (var index = 0; index < check.Inputs.Hosts.Count; index++)
        {
            LoginValidation.CheckHostKey(check, PropertyPath.Root.Property("hosts").Item(index), check.Inputs.Hosts[index].HostKey);
        }

        Twice(check, host => host.MachineId, "machineId", "is one machine given twice");
        Twice(check, host => host.Name, "name", "is the name of two hosts; VMs choose hosts by name, so give one of them another");
    }

    private static void Twice(CheckContext<FabricInputs> check, Func<HostConnection, string> of, string property, string what)
    {
        Dictionary<string, int> seen = new(StringComparer.Ordinal);
        for (var index = 0; index < check.Inputs.Hosts.Count; index++)
        {
            if (!seen.TryAdd(of(check.Inputs.Hosts[index]), index))
            {
                var path = PropertyPath.Root.Property("hosts").Item(index).Property(property);
                check.Fault(path, $"{path} '{of(check.Inputs.Hosts[index])}' {what} (also hosts[{seen[of(check.Inputs.Hosts[index])]}])");
            }
        }
    }

    private static string Show(PropertyValue value) => value.Bare switch
    {
        StringValue text => $"'{text.Text}'",
        NumberValue number => $"{number.Number}",
        _ => "another value",
    };
}
