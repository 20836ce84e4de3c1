using Pulumi.Blanket.Engine.Programs.Checking;
using Pulumi.Blanket.Engine.Programs.Syntax;
using Pulumi.Blanket.Engine.States;
using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.Engine.Programs.Documents;

internal sealed partial class DocumentReader
{
    private static readonly string[] OptionNames =
    [
        "dependsOn", "parent", "provider", "providers", "protect", "ignoreChanges", "deleteBeforeReplace", "replaceOnChanges",
        "additionalSecretOutputs", "customTimeouts", "retainOnDelete", "deletedWith", "replaceWith", "aliases", "import", "version", "pluginDownloadURL",
    ];

    private static readonly string[] TimeoutNames = ["create", "update", "delete", "read"];

    public static bool IsOption(string name) => OptionNames.Contains(name);

    private void ReadOption(OptionExpressions options, MappingEntry option)
    {
        switch (option.Name)
        {
            case "dependsOn":
                options.DependsOn = _expressions.Read(option.Value);
                break;
            case "parent":
                options.Parent = _expressions.Read(option.Value);
                break;
            case "provider":
                options.Provider = _expressions.Read(option.Value);
                break;
            case "providers":
                options.Providers = _expressions.Read(option.Value);
                break;
            case "protect":
                options.Protect = _expressions.Read(option.Value);
                break;
            case "ignoreChanges":
                options.IgnoreChanges = _expressions.Read(option.Value);
                break;
            case "deleteBeforeReplace":
                options.DeleteBeforeReplace = _expressions.Read(option.Value);
                break;
            case "replaceOnChanges":
                options.ReplaceOnChanges = _expressions.Read(option.Value);
                break;
            case "additionalSecretOutputs":
                options.AdditionalSecretOutputs = _expressions.Read(option.Value);
                break;
            case "retainOnDelete":
                options.RetainOnDelete = _expressions.Read(option.Value);
                break;
            case "deletedWith":
                options.DeletedWith = _expressions.Read(option.Value);
                break;
            case "replaceWith":
                options.ReplaceWith = _expressions.Read(option.Value);
                break;
            case "aliases":
                options.Aliases = _expressions.Read(option.Value);
                break;
            case "import":
                options.Import = _expressions.Read(option.Value);
                break;
            case "customTimeouts":
                options.CustomTimeouts = ReadTimeouts(option);
                break;
            case "version":
                options.Version = option.Value is ScalarSyntax { IsNull: false } version ? version.Text : Text(option)?.Text ?? "";
                break;
            case "pluginDownloadURL":
                options.PluginDownloadUrl = Text(option)?.Text ?? "";
                break;
            default:
                _diagnostics.Error(option.NamePosition, $"there is no option '{option.Name}'", Suggestion.For(option.Name, OptionNames));
                break;
        }
    }

    private CustomTimeouts ReadTimeouts(MappingEntry option)
    {
        Dictionary<string, double> seconds = new(StringComparer.Ordinal);
        Each(option, timeout =>
        {
            if (!TimeoutNames.Contains(timeout.Name))
            {
                _diagnostics.Error(timeout.NamePosition, $"'customTimeouts' has no field '{timeout.Name}'", Suggestion.For(timeout.Name, TimeoutNames, "it"));
            }
            else if (timeout.Value is ScalarSyntax scalar && Duration.Parse(scalar.Text) is { } duration)
            {
                seconds[timeout.Name] = duration;
            }
            else
            {
                _diagnostics.Error(timeout.Value.Position, $"'{timeout.Name}' must be a duration such as 90s, 5m or 1h30m",
                    timeout.Value is ScalarSyntax { Value: NumberValue } number ? $"add the unit: '{number.Text}s' are seconds, '{number.Text}m' minutes" : null);
            }
        });
        return new CustomTimeouts(seconds.GetValueOrDefault("create"), seconds.GetValueOrDefault("update"), seconds.GetValueOrDefault("delete"), seconds.GetValueOrDefault("read"));
    }
}
