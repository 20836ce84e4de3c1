using System.Collections.Immutable;
using System.Globalization;
using Pulumi.Blanket.Protocol;
using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.Provider.Definitions;

/// <summary>
/// Walks over an object beside its definition: adds defaults, wraps secrets, takes nulls for what they mean (nothing given), and tells each
/// fault. What the user wrote keeps its form: wrappers stay, and what is not known yet is never at fault.
/// </summary>
internal sealed class InputChecker
{
    private const int ShownCharacters = 60;

    private readonly List<InputFault>? _faults;
    private readonly bool _wrapSecrets;

    private InputChecker(List<InputFault>? faults, bool wrapSecrets) => (_faults, _wrapSecrets) = (faults, wrapSecrets);

    /// <summary>The inputs to keep. Faults are added to the list.</summary>
    public static ObjectValue Check(ObjectDefinition definition, ObjectValue inputs, List<InputFault> faults)
        => new InputChecker(faults, wrapSecrets: true).Walk(definition, inputs, PropertyPath.Root, isSecret: false);

    /// <summary>Only adds defaults and takes out nulls.</summary>
    public static ObjectValue Complete(ObjectDefinition definition, ObjectValue value)
        => new InputChecker(faults: null, wrapSecrets: false).Walk(definition, value, PropertyPath.Root, isSecret: false);

    private ObjectValue Walk(ObjectDefinition definition, ObjectValue value, PropertyPath path, bool isSecret)
    {
        var result = value.Properties;
        foreach (var (name, given) in value.Properties)
        {
            if (given.Bare is NullValue)
            {
                result = result.Remove(name);
            }
            else if (definition.Find(name) is { } property)
            {
                var kept = Walk(property, property.Value, given, path.Property(name), isSecret || property.IsSecret);
                if (_wrapSecrets && property.IsSecret && !kept.ContainsSecret && !kept.ContainsUnknown)
                {
                    kept = new SecretValue(kept);
                }

                result = ReferenceEquals(kept, given) ? result : result.SetItem(name, kept);
            }
            else
            {
                _faults?.Add(new(path.Property(name), UnknownName(definition, name, path)));
            }
        }

        foreach (var property in definition.Properties)
        {
            if (!result.ContainsKey(property.Name))
            {
                if (property.Default is { } byDefault)
                {
                    result = result.Add(property.Name, byDefault);
                }
                else if (property.IsRequired)
                {
                    _faults?.Add(new(path.Property(property.Name), $"{path.Property(property.Name)} is missing; it must be {RequirementOf(property)}"));
                }
            }
        }

        return ReferenceEquals(result, value.Properties) ? value : new ObjectValue(result);
    }

    private PropertyValue Walk(PropertyDefinition property, ValueDefinition definition, PropertyValue value, PropertyPath path, bool isSecret)
    {
        switch (value)
        {
            case SecretValue secret:
                var inner = Walk(property, definition, secret.Inner, path, isSecret: true);
                return ReferenceEquals(inner, secret.Inner) ? secret : new SecretValue(inner);
            case OutputValue { Inner: { } known } output:
                var kept = Walk(property, definition, known, path, isSecret || output.IsSecret);
                return ReferenceEquals(kept, known) ? output : output with { Inner = kept };
            case OutputValue or UnknownValue:
                return value;
        }

        switch (definition.Shape, value)
        {
            case (ValueShape.Any, _):
                return value;
            case (ValueShape.Object, ObjectValue given):
                return Walk(definition.Object!, given, path, isSecret);
            case (ValueShape.Map, ObjectValue map):
                AskRules(property, definition, map, path, isSecret);
                var entries = map.Properties;
                foreach (var (name, entry) in map.Properties)
                {
                    var keptEntry = Walk(property, definition.Element!, entry, path.Property(name), isSecret);
                    entries = entry.Bare is NullValue ? entries.Remove(name) : ReferenceEquals(entry, keptEntry) ? entries : entries.SetItem(name, keptEntry);
                }

                return ReferenceEquals(entries, map.Properties) ? map : new ObjectValue(entries);
            case (ValueShape.List, ArrayValue array):
                AskRules(property, definition, array, path, isSecret);
                ImmutableArray<PropertyValue> items = [.. array.Items.Select((item, index) => WalkItem(property, definition.Element!, item, path.Item(index), isSecret))];
                return array.Items.AsSpan().SequenceEqual(items.AsSpan(), ReferenceEqualityComparer.Instance) ? array : new ArrayValue(items);
            case (ValueShape.Text, StringValue):
            case (ValueShape.Boolean, BoolValue):
            case (ValueShape.Number, NumberValue):
            case (ValueShape.Integer, NumberValue { Number: var number }) when double.IsInteger(number) && Math.Abs(number) <= int.MaxValue:
            case (ValueShape.Enumeration, StringValue { Text: var text }) when definition.Enumeration!.Values.Any(choice => choice.Value == text):
                AskRules(property, definition, value, path, isSecret);
                return value;
            case (_, NullValue) when !path.Equals(PropertyPath.Root):
                return value;
            default:
                Fault(path, value, RequirementOf(property, definition), isSecret);
                return value;
        }
    }

    // A null in a list has a place, and so is not "nothing given".
    private PropertyValue WalkItem(PropertyDefinition property, ValueDefinition definition, PropertyValue item, PropertyPath path, bool isSecret)
    {
        if (item.Bare is NullValue)
        {
            Fault(path, NullValue.Instance, RequirementOf(property, definition), isSecret);
            return item;
        }

        return Walk(property, definition, item, path, isSecret);
    }

    private void AskRules(PropertyDefinition property, ValueDefinition definition, PropertyValue value, PropertyPath path, bool isSecret)
    {
        if (_faults is null)
        {
            return;
        }

        // One fault for one value, whatever it breaks: the requirement names all rules.
        var ofCollections = definition.Shape is ValueShape.List or ValueShape.Map;
        if (property.Rules.Any(rule => rule.OfCollections == ofCollections && !rule.Allows(value)))
        {
            Fault(path, value, RequirementOf(property, definition), isSecret);
        }
    }

    private void Fault(PropertyPath path, PropertyValue value, string requirement, bool isSecret)
        => _faults?.Add(new(path, $"{path} is {Show(value, isSecret)}; it must be {requirement}"));

    /// <summary>The rules of a property, or its type where it has none, to follow "must be".</summary>
    public static string RequirementOf(PropertyDefinition property) => RequirementOf(property, property.Value);

    /// <summary>The same for the items of a list, or the values of a map.</summary>
    /// <param name="definition">The property's own type, or that of its elements.</param>
    public static string RequirementOf(PropertyDefinition property, ValueDefinition definition)
    {
        var ofCollections = definition.Shape is ValueShape.List or ValueShape.Map;
        var rules = property.Rules.Where(rule => rule.OfCollections == ofCollections).ToList();
        var requirement = string.Join(" and ", rules.Select(rule => rule.Requirement));
        return rules.Count == 0 ? definition.Requirement : rules[0].FollowsType ? $"{definition.Requirement} {requirement}" : requirement;
    }

    private static string Show(PropertyValue value, bool isSecret) => value switch
    {
        NullValue => "null",
        StringValue { Text.Length: 0 } => "an empty text",
        ArrayValue => "a list",
        ObjectValue => "an object",
        AssetValue => "an asset",
        ArchiveValue => "an archive",
        ResourceReferenceValue => "a whole resource (give one of its properties)",
        _ when isSecret || value.ContainsSecret => "a secret that can't be used",
        StringValue { Text: var text } => $"'{(text.Length > ShownCharacters ? text[..ShownCharacters] + "…" : text)}'",
        NumberValue { Number: var number } => number.ToString("R", CultureInfo.InvariantCulture),
        BoolValue { Truth: var truth } => truth ? "true" : "false",
        _ => "of a kind that can't be used here",
    };

    private static string UnknownName(ObjectDefinition definition, string name, PropertyPath path)
    {
        var place = path.IsRoot ? "" : $" in {path}";
        return NearestName.Find(name, definition.Properties.Select(property => property.Name)) is { } nearest
            ? $"there is no property '{name}'{place}; did you mean '{nearest}'?"
            : $"there is no property '{name}'{place}; remove it (there are: {string.Join(", ", definition.Properties.Select(property => property.Name))})";
    }
}
