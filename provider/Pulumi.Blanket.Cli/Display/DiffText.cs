using System.Collections.Immutable;
using Pulumi.Blanket.Engine.Deployments;
using Pulumi.Blanket.Engine.Plugins;
using Pulumi.Blanket.Protocol.Contract;
using Pulumi.Blanket.Protocol.Diffs;
using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.Cli.Display;

/// <summary>What a step changes, as text.</summary>
internal static class DiffText
{
    /// <summary>The names of what changes, such as <c>~size,-fail</c>; empty where nothing does.</summary>
    public static string Short(Step step)
    {
        if (step.Diff is not { } diff)
        {
            return "";
        }

        var signs = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var key in diff.ChangedKeys.Concat(diff.ReplaceKeys).Where(key => key != ResourceDiff.InitErrorsKey))
        {
            signs[key] = "~";
        }

        foreach (var (path, change) in diff.Details ?? ImmutableSortedDictionary<string, PropertyDiff>.Empty)
        {
            if (PropertyPath.Parse(path) is { TopLevel: { } name } parsed && parsed.Equals(PropertyPath.Root.Property(name)))
            {
                signs[name] = change.Kind.ToString() switch
                {
                    "Add" or "AddReplace" => "+",
                    "Delete" or "DeleteReplace" => "-",
                    _ => "~",
                };
            }
        }

        return string.Join(",", signs.Select(pair => pair.Value + pair.Key));
    }

    /// <summary>Each value that is there before or after, on lines of its own.</summary>
    public static IEnumerable<(string Sign, string Text)> Long(Step step)
    {
        var before = step.Old?.Inputs ?? ObjectValue.Empty;
        var after = step.New?.Inputs ?? ObjectValue.Empty;
        if (step.Operation is StepOperation.Delete or StepOperation.DeleteReplaced)
        {
            yield break;
        }

        var isRefresh = step.Operation == StepOperation.Refresh;
        if (isRefresh)
        {
            (before, after) = (step.Old!.Outputs, step.New?.Outputs ?? ObjectValue.Empty);
        }

        foreach (var change in PropertyComparer.Compare(before, after))
        {
            // The comparison opens secrets; they stay closed here.
            var (old, @new) = (Closed(before, change.Path, change.Old), Closed(after, change.Path, change.New));
            yield return change.Kind switch
            {
                PropertyChangeKind.Add => ("+", $"{change.Path}: {@new}"),
                PropertyChangeKind.Delete => ("-", $"{change.Path}: {old}"),
                _ => ("~", $"{change.Path}: {old} => {@new}"),
            };
        }
    }

    private static string Closed(ObjectValue whole, PropertyPath path, PropertyValue? value)
        => path.TopLevel is { } name && whole[name] is { ContainsSecret: true } ? "[secret]" : ValueText.Short(value);
}
