using System.Text.RegularExpressions;

namespace Pulumi.Blanket.Lab.Definition;

/// <summary>A named set of hosts.</summary>
public sealed partial record LabDefinition(string Name, IReadOnlyList<HostDefinition> Hosts)
{
    public const string DefaultName = "default";

    /// <summary>The name under which links to the clients' network are cut and healed; no host may have it.</summary>
    public const string Control = "control";

    public const int MaxHosts = 100;

    private const int MaxNameLength = 24;

    /// <summary>Three hosts on three clouds: <c>aws-1</c>, <c>gcp-1</c>, <c>onprem-1</c>.</summary>
    public static LabDefinition Default(string name = DefaultName) => new(name,
    [
        new HostDefinition { Name = "aws-1", Cloud = "aws", Region = "eu-central-1" },
        new HostDefinition { Name = "gcp-1", Cloud = "gcp", Region = "europe-west3" },
        new HostDefinition { Name = "onprem-1", Cloud = "onprem", Region = "cellar" },
    ]);

    /// <summary>All that is wrong with this definition, a sentence each; empty when it can be brought up.</summary>
    public IReadOnlyList<string> Validate()
    {
        List<string> faults = [];
        CheckName(faults, "name", Name, MaxNameLength);
        if (Hosts.Count is 0 or > MaxHosts)
        {
            faults.Add($"hosts: a lab has 1 to {MaxHosts} hosts, not {Hosts.Count}");
        }

        for (var index = 0; index < Hosts.Count; index++)
        {
            CheckHost(faults, index);
        }

        return faults;
    }

    /// <exception cref="LabException">The definition is wrong; the message lists everything that is.</exception>
    public LabDefinition Validated()
        => Validate() is { Count: > 0 } faults
            ? throw new LabException(LabFailure.InvalidInput, $"the lab can't be brought up:\n  {string.Join("\n  ", faults)}")
            : this;

    /// <summary>The name, if a lab may have it: it becomes the name of folders and control groups.</summary>
    /// <exception cref="LabException">It may not.</exception>
    internal static string CheckedName(string name)
    {
        List<string> faults = [];
        CheckName(faults, "name", name, MaxNameLength);
        return faults.Count == 0 ? name : throw new LabException(LabFailure.InvalidInput, faults[0]);
    }

    private void CheckHost(List<string> faults, int index)
    {
        var host = Hosts[index];
        var path = $"hosts[{index}]";
        CheckName(faults, $"{path}.name", host.Name, 32);
        CheckName(faults, $"{path}.cloud", host.Cloud, 32);
        CheckName(faults, $"{path}.region", host.Region, 64);
        CheckRange(faults, $"{path}.rateMbps", host.RateMbps, 1, 10_000);
        CheckRange(faults, $"{path}.storageGiB", host.StorageGiB, 1, 1024);
        if (host.Name == Control)
        {
            faults.Add($"{path}.name: '{Control}' is the lab's own network for clients; choose another name");
        }

        if (Hosts.Take(index).Any(other => other.Name == host.Name))
        {
            faults.Add($"{path}.name: there is a host '{host.Name}' already; choose another name");
        }

        if (host.Behind is not { } gate)
        {
            return;
        }

        if (Hosts.FirstOrDefault(other => other.Name == gate) is not { } gateway)
        {
            faults.Add($"{path}.behind: there is no host '{gate}'; name one of {string.Join(", ", Hosts.Select(other => other.Name))}");
        }
        else if (gateway.Name == host.Name || gateway.Behind is not null)
        {
            faults.Add($"{path}.behind: '{gate}' is not on the WAN itself; name a host that has no 'behind'");
        }
    }

    private static void CheckName(List<string> faults, string path, string value, int maxLength)
    {
        if (value.Length > maxLength || !NamePattern().IsMatch(value))
        {
            faults.Add($"{path}: '{value}' is no name; use lower-case letters, digits and hyphens, a letter first, at most {maxLength}");
        }
    }

    private static void CheckRange(List<string> faults, string path, int value, int from, int to)
    {
        if (value < from || value > to)
        {
            faults.Add($"{path}: {value} is out of range; use {from} to {to}");
        }
    }

    [GeneratedRegex(@"\A[a-z]([a-z0-9-]*[a-z0-9])?\z")]
    private static partial Regex NamePattern();
}
