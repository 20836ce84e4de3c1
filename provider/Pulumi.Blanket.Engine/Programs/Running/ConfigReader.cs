using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Pulumi.Blanket.Engine.Programs.Checking;
using Pulumi.Blanket.Engine.Programs.Documents;
using Pulumi.Blanket.Engine.Programs.Schemas;
using Pulumi.Blanket.Engine.Projects;
using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.Engine.Programs.Running;

/// <summary>Gives a program's settings the values that the stack has for them.</summary>
internal static class ConfigReader
{
    /// <summary>By setting; what is missing, or not of its type, is among the diagnostics.</summary>
    public static Dictionary<ConfigDeclaration, PropertyValue> Read(IEnumerable<ConfigDeclaration> declarations, ProgramContext context, DiagnosticList diagnostics)
    {
        Dictionary<ConfigDeclaration, PropertyValue> values = [];
        foreach (var declaration in declarations)
        {
            var key = declaration.KeyIn(context.Project);
            if (context.Config.TryGetValue(key, out var given))
            {
                var type = declaration.Type ?? TypeOf(declaration.Default);
                if (Parse(given, type) is { } value)
                {
                    values[declaration] = declaration.IsSecret || given.IsSecret ? PlainValue.Secret(value) : value;
                }
                else
                {
                    var shown = given.IsSecret || declaration.IsSecret ? "" : given.Text.Length > 60 ? " and is something else" : $" and is '{given.Text}'";
                    diagnostics.Error(declaration.Position, $"the setting '{declaration.Name}' must be {type.Description}{shown}", $"set it again: {CommandFor(declaration, type)}");
                }
            }
            else if (declaration.Default is { } standard)
            {
                // One that does not fit its type was reported when the program was read.
                var value = declaration.Type is { } type ? Convert(standard, type) ?? standard : standard;
                values[declaration] = declaration.IsSecret ? PlainValue.Secret(value) : value;
            }
            else if (declaration.IsImplicit || !declaration.Name.Contains(':'))
            {
                diagnostics.Error(declaration.Position, $"the stack '{context.Stack}' has no value for the setting '{declaration.Name}', which has no default",
                    $"set it: {CommandFor(declaration, declaration.Type ?? ValueSchema.Text)}");
            }
            else
            {
                // A provider's own setting that stands in the program's file; the provider knows what to do without.
                values[declaration] = NullValue.Instance;
            }
        }

        return values;
    }

    /// <summary>The value as one of that type; null where it can't be.</summary>
    public static PropertyValue? Convert(PropertyValue value, ValueSchema type)
    {
        switch (type.Kind, value)
        {
            case (_, NullValue) or (ValueKind.Any, _):
            case (ValueKind.Text, StringValue) or (ValueKind.Number, NumberValue) or (ValueKind.Boolean, BoolValue):
            case (ValueKind.Map or ValueKind.Object, ObjectValue):
                return value;
            case (ValueKind.Integer, NumberValue number):
                return double.IsInteger(number.Number) ? number : null;
            case (ValueKind.Text, NumberValue number):
                return NumberText.Of(number.Number);
            case (ValueKind.Text, BoolValue truth):
                return truth.Truth ? "true" : "false";
            case (ValueKind.List, ArrayValue array):
                var items = ImmutableArray.CreateBuilder<PropertyValue>(array.Items.Length);
                foreach (var item in array.Items)
                {
                    if (Convert(item, type.Element!) is not { } converted)
                    {
                        return null;
                    }

                    items.Add(converted);
                }

                return new ArrayValue(items.MoveToImmutable());
            default:
                return null;
        }
    }

    private static PropertyValue? Parse(ConfigValue given, ValueSchema type) => type.Kind switch
    {
        ValueKind.Text => given.IsObject ? null : new StringValue(given.Text),
        ValueKind.Integer => long.TryParse(given.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) ? new NumberValue(whole) : null,
        ValueKind.Number => double.TryParse(given.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? new NumberValue(number) : null,
        ValueKind.Boolean => given.Text switch
        {
            "true" or "True" or "TRUE" => new BoolValue(true),
            "false" or "False" or "FALSE" => new BoolValue(false),
            _ => null,
        },
        ValueKind.List or ValueKind.Map or ValueKind.Object => ParseJson(given.Text) is { } value ? Convert(value, type) : null,
        _ => given.IsObject ? ParseJson(given.Text) : new StringValue(given.Text),
    };

    private static PropertyValue? ParseJson(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            return FromJson(document.RootElement);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static PropertyValue FromJson(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.String => new StringValue(element.GetString() ?? ""),
        JsonValueKind.Number => new NumberValue(element.GetDouble()),
        JsonValueKind.True => new BoolValue(true),
        JsonValueKind.False => new BoolValue(false),
        JsonValueKind.Array => new ArrayValue([.. element.EnumerateArray().Select(FromJson)]),
        JsonValueKind.Object => new ObjectValue(element.EnumerateObject().DistinctBy(member => member.Name).Select(member => KeyValuePair.Create(member.Name, FromJson(member.Value)))),
        _ => NullValue.Instance,
    };

    private static ValueSchema TypeOf(PropertyValue? standard) => standard switch
    {
        null or StringValue or NullValue => ValueSchema.Text,
        BoolValue => ValueSchema.Boolean,
        NumberValue number => double.IsInteger(number.Number) ? ValueSchema.Integer : ValueSchema.Number,
        ArrayValue => ValueSchema.ListOf(ValueSchema.Any),
        _ => ValueSchema.MapOf(ValueSchema.Any),
    };

    private static string CommandFor(ConfigDeclaration declaration, ValueSchema type)
        => $"blanket config set {(declaration.IsSecret ? "--secret " : "")}{declaration.Name} {(type.Kind is ValueKind.List or ValueKind.Map or ValueKind.Object ? "JSON" : "VALUE")}";
}
