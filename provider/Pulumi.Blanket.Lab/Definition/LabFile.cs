using System.Globalization;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Pulumi.Blanket.Lab.Definition;

/// <summary>
/// Reads a lab file: <c>name</c> (optional) and <c>hosts</c>, a list of mappings with the properties of
/// <see cref="HostDefinition"/> in camel case. Every mistake is reported with its line, and all of them at once.
/// </summary>
public static class LabFile
{
    private static readonly string[] HostProperties = ["name", "cloud", "region", "rateMbps", "storageGiB", "bare", "behind"];

    /// <exception cref="LabException">The file can't be read, or it is no lab file.</exception>
    public static LabDefinition Read(string path, string? name = null)
    {
        string text;
        try
        {
            text = File.ReadAllText(path);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new LabException(LabFailure.InvalidInput, $"the lab file '{path}' can't be read: {fault.Message}");
        }

        return Parse(text, path, name);
    }

    /// <summary>As <see cref="Read"/>, of text already read; <paramref name="source"/> names it in errors.</summary>
    public static LabDefinition Parse(string text, string source, string? name = null)
    {
        List<string> faults = [];
        var definition = Parse(text, source, name, faults);
        if (faults.Count == 0)
        {
            faults.AddRange(definition!.Validate().Select(fault => $"{source}: {fault}"));
        }

        return faults.Count == 0
            ? definition!
            : throw new LabException(LabFailure.InvalidInput, $"the lab file is wrong:\n  {string.Join("\n  ", faults)}");
    }

    /// <summary>Reads a host out of a flag: <c>NAME[,cloud=…][,region=…][,rateMbps=…][,storageGiB=…][,bare][,behind=…]</c>.</summary>
    /// <exception cref="LabException">A part of the flag is unknown or has a wrong value.</exception>
    public static HostDefinition ParseFlag(string flag)
    {
        var parts = flag.Split(',', StringSplitOptions.TrimEntries);
        Dictionary<string, (string Value, string Where)> properties = new() { ["name"] = (parts[0], $"--host {flag}") };
        foreach (var part in parts.Skip(1))
        {
            var (key, value) = part.Split('=', 2) is [var left, var right] ? (left, right) : (part, "true");
            if (!properties.TryAdd(key, (value, $"--host {flag}")))
            {
                throw new LabException(LabFailure.InvalidInput, $"--host {flag}: '{key}' stands there twice");
            }
        }

        List<string> faults = [];
        var host = BuildHost(properties, faults);
        return faults.Count == 0 ? host : throw new LabException(LabFailure.InvalidInput, string.Join("\n", faults));
    }

    private static LabDefinition? Parse(string text, string source, string? name, List<string> faults)
    {
        YamlStream yaml = [];
        try
        {
            yaml.Load(new StringReader(text));
        }
        catch (YamlException fault)
        {
            faults.Add($"{source}:{fault.Start.Line}:{fault.Start.Column}: {fault.Message}");
            return null;
        }
        catch (Exception fault) when (fault is ArgumentException or InvalidOperationException)
        {
            // Some texts that are no YAML meet the library's own argument checks, which know no line.
            faults.Add($"{source}: this is no YAML: {fault.Message}");
            return null;
        }

        if (yaml.Documents.Count == 0 || yaml.Documents[0].RootNode is not YamlMappingNode root)
        {
            faults.Add($"{source}: a lab file is a mapping with 'hosts', a list");
            return null;
        }

        List<HostDefinition> hosts = [];
        foreach (var (key, value) in root.Children)
        {
            switch ((key as YamlScalarNode)?.Value)
            {
                case "name" when value is YamlScalarNode scalar:
                    name ??= scalar.Value;
                    break;
                case "hosts" when value is YamlSequenceNode list:
                    hosts.AddRange(list.Select(item => ReadHost(item, source, faults)).OfType<HostDefinition>());
                    break;
                case "name" or "hosts":
                    faults.Add($"{At(source, value)}: '{key}' is of the wrong kind; 'name' is text, 'hosts' a list");
                    break;
                default:
                    faults.Add($"{At(source, key)}: unknown property '{key}'; a lab has 'name' and 'hosts'");
                    break;
            }
        }

        return new LabDefinition(name ?? LabDefinition.DefaultName, hosts);
    }

    private static HostDefinition? ReadHost(YamlNode node, string source, List<string> faults)
    {
        if (node is not YamlMappingNode map)
        {
            faults.Add($"{At(source, node)}: a host is a mapping with at least 'name'");
            return null;
        }

        Dictionary<string, (string Value, string Where)> properties = [];
        foreach (var (key, value) in map.Children)
        {
            if (value is YamlScalarNode scalar)
            {
                properties[(key as YamlScalarNode)?.Value ?? ""] = (scalar.Value ?? "", At(source, key));
            }
            else
            {
                faults.Add($"{At(source, value)}: '{key}' of a host is a single value");
            }
        }

        if (!properties.ContainsKey("name"))
        {
            faults.Add($"{At(source, node)}: a host needs a 'name'");
            return null;
        }

        return BuildHost(properties, faults);
    }

    private static HostDefinition BuildHost(Dictionary<string, (string Value, string Where)> properties, List<string> faults)
    {
        foreach (var (key, (_, where)) in properties.Where(property => !HostProperties.Contains(property.Key)))
        {
            faults.Add($"{where}: unknown property '{key}' of a host; there are {string.Join(", ", HostProperties)}");
        }

        var name = properties["name"].Value;
        return new HostDefinition
        {
            Name = name,
            Cloud = Text("cloud") ?? (name.LastIndexOf('-') is var hyphen and > 0 ? name[..hyphen] : name),
            Region = Text("region") ?? HostDefinition.DefaultRegion,
            RateMbps = Number("rateMbps", HostDefinition.DefaultRateMbps),
            StorageGiB = Number("storageGiB", HostDefinition.DefaultStorageGiB),
            Bare = Flag("bare"),
            Behind = Text("behind"),
        };

        string? Text(string key) => properties.TryGetValue(key, out var property) ? property.Value : null;

        int Number(string key, int otherwise)
        {
            if (!properties.TryGetValue(key, out var property))
            {
                return otherwise;
            }

            if (int.TryParse(property.Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
            {
                return number;
            }

            faults.Add($"{property.Where}: {key} is a whole number, not '{property.Value}'");
            return otherwise;
        }

        bool Flag(string key)
        {
            if (!properties.TryGetValue(key, out var property))
            {
                return false;
            }

            if (property.Value is not ("true" or "false"))
            {
                faults.Add($"{property.Where}: {key} is true or false, not '{property.Value}'");
            }

            return property.Value == "true";
        }
    }

    private static string At(string source, YamlNode node) => $"{source}:{node.Start.Line}:{node.Start.Column}";
}
