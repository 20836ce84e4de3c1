using System.Collections.Frozen;
using System.Collections.Immutable;
using Pulumi.Blanket.Engine.Programs.Documents;
using Pulumi.Blanket.Engine.Programs.Expressions;
using Pulumi.Blanket.Engine.Programs.Running;
using Pulumi.Blanket.Engine.Programs.Schemas;
using Pulumi.Blanket.Engine.Programs.Syntax;
using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.Engine.Programs.Checking;

internal sealed partial class ProgramChecker
{
    private static readonly FrozenSet<string> NoNames = [];

    /// <summary>Checks an expression and all that is inside it, and says of what type it is.</summary>
    private ValueSchema Check(Expression expression, ValueSchema expected, Place place)
    {
        switch (expression)
        {
            case LiteralExpression literal:
                CheckLiteral(literal, expected, place);
                return TypeOf(literal.Value);
            case TextExpression text:
                CheckParts(text);
                return Assign(text, ValueSchema.Text, expected, place);
            case ReferenceExpression reference:
                return Assign(reference, Bind(reference), expected, place);
            case ListExpression list:
                return CheckList(list, expected, place);
            case MapExpression map:
                return CheckMap(map, expected, place);
            case FunctionExpression { Function: BuiltInFunction.Secret, Arguments: [var secret] }:
                // A secret is of its value's type.
                return Check(secret, expected, place);
            case FunctionExpression function:
                return Assign(function, CheckFunction(function), expected, place);
            case InvokeExpression call:
                return Assign(call, CheckCall(call), expected, place);
            default:
                return ValueSchema.Any;
        }
    }

    private static ValueSchema TypeOf(PropertyValue value) => value switch
    {
        NullValue => ValueSchema.Null,
        StringValue => ValueSchema.Text,
        BoolValue => ValueSchema.Boolean,
        NumberValue number => double.IsInteger(number.Number) ? ValueSchema.Integer : ValueSchema.Number,
        ArrayValue => ValueSchema.ListOf(ValueSchema.Any),
        ObjectValue => ValueSchema.MapOf(ValueSchema.Any),
        _ => ValueSchema.Any,
    };

    // Settings without a type take that of their default.
    private static ValueSchema TypeOf(ConfigDeclaration config) => config.Type ?? (config.Default is { } value ? TypeOf(value) : ValueSchema.Text);

    private ValueSchema TypeOf(VariableDeclaration variable)
    {
        if (variable.Type is null)
        {
            // A variable that needs itself is a cycle, which the planner reports.
            variable.Type = ValueSchema.Any;
            variable.Type = Check(variable.Value, ValueSchema.Any, Place.Of(variable.Name));
        }

        return variable.Type;
    }

    private void CheckLiteral(LiteralExpression literal, ValueSchema expected, Place place)
    {
        expected = Narrow(literal, expected);
        switch (expected.Kind)
        {
            case var _ when literal.Value is NullValue || expected.Kind is ValueKind.Any:
                return;
            case ValueKind.Text when literal.Value is StringValue or NumberValue or BoolValue:
                literal.AsText = literal.Value is not StringValue;
                CheckMember(literal, literal.Text, expected, place);
                return;
            case ValueKind.Integer when literal.Value is NumberValue number && double.IsInteger(number.Number):
            case ValueKind.Number when literal.Value is NumberValue:
            case ValueKind.Boolean when literal.Value is BoolValue:
                CheckMember(literal, literal.Text, expected, place);
                return;
            default:
                _diagnostics.Error(literal.Position, $"'{place}' must be {expected.Description}, and here stands {Show(literal)}", HintFor(literal, expected));
                return;
        }
    }

    private void CheckMember(LiteralExpression literal, string text, ValueSchema expected, Place place)
    {
        if (expected.Values.IsEmpty || expected.Values.Contains(literal.AsText ? new StringValue(text) : literal.Value))
        {
            return;
        }

        _diagnostics.Error(literal.Position, $"'{text}' is not allowed for '{place}'",
            Suggestion.For(text, expected.Values.Select(value => value is StringValue member ? member.Text : NumberText.Of((value as NumberValue)?.Number ?? 0)), "it can be"));
    }

    private string? HintFor(LiteralExpression literal, ValueSchema expected)
    {
        switch (expected.Kind)
        {
            case ValueKind.Integer or ValueKind.Number when literal.Value is StringValue && PlainScalar.Read(literal.Text) is NumberValue:
                return $"remove the quotes: {literal.Text}";
            case ValueKind.Boolean when literal.Text.ToLowerInvariant() is "true" or "false":
                return $"write {literal.Text.ToLowerInvariant()}, without quotes";
            case ValueKind.Boolean when literal.Text.ToLowerInvariant() is "yes" or "on":
                return "write true";
            case ValueKind.Boolean when literal.Text.ToLowerInvariant() is "no" or "off":
                return "write false";
            case ValueKind.List:
                return $"write it as the item of a list: '- {(literal.Text.Length > 40 ? "…" : literal.Text)}'";
            case ValueKind.Asset:
                return "write 'fn::fileAsset: path' or 'fn::stringAsset: text' below it";
            case ValueKind.Archive:
                return "write 'fn::fileArchive: path' below it";
            case ValueKind.Resource when _declarations.ContainsKey(literal.Text):
                return $"write '${{{literal.Text}}}'";
            case ValueKind.Object:
                return $"it has: {string.Join(", ", expected.Object!.Properties.Keys.Order(StringComparer.Ordinal))}";
            default:
                return null;
        }
    }

    private static string Show(LiteralExpression literal) => literal.Value switch
    {
        StringValue { Text.Length: > 60 } or StringValue { Text: "" } => literal.Text.Length == 0 ? "an empty text" : "text",
        StringValue => $"the text '{literal.Text}'",
        _ => literal.Text,
    };

    /// <summary>The alternative that is meant: the one that has the expression's shape. Anything, where several have.</summary>
    private static ValueSchema Narrow(Expression expression, ValueSchema expected)
    {
        if (expected.Kind is not ValueKind.Union)
        {
            return expected;
        }

        List<ValueSchema> fitting = [.. expected.Alternatives.Where(alternative => HasShape(expression, Narrow(expression, alternative)))];
        return fitting switch
        {
            [] => expected,
            [var only] => only,
            _ => ValueSchema.Any,
        };
    }

    private static bool HasShape(Expression expression, ValueSchema schema) => schema.Kind is ValueKind.Any || expression switch
    {
        LiteralExpression { Value: StringValue } => schema.Kind is ValueKind.Text,
        LiteralExpression { Value: NumberValue } => schema.Kind is ValueKind.Number or ValueKind.Integer,
        LiteralExpression { Value: BoolValue } => schema.Kind is ValueKind.Boolean,
        ListExpression => schema.Kind is ValueKind.List,
        MapExpression => schema.Kind is ValueKind.Map or ValueKind.Object,
        _ => true,
    };

    private void CheckParts(TextExpression text)
    {
        foreach (var part in text.Parts.OfType<ReferenceExpression>())
        {
            var type = Bind(part);
            if (type.Kind is ValueKind.List or ValueKind.Map or ValueKind.Object or ValueKind.Resource or ValueKind.Asset or ValueKind.Archive)
            {
                var hint = type.Kind switch
                {
                    ValueKind.List => $"pick an item, '${{{part.Text}[0]}}', or use fn::join or fn::toJSON",
                    ValueKind.Resource => ResourceHint(part, type),
                    ValueKind.Asset or ValueKind.Archive => null,
                    _ => $"pick a property, or use fn::toJSON",
                };
                _diagnostics.Error(part.Position, $"'${{{part.Text}}}' is {Name(type)}, which can't stand inside of a text", hint);
            }
        }
    }

    private static string Name(ValueSchema type) => type.Kind switch
    {
        ValueKind.Resource => "a whole resource",
        ValueKind.List => "a list",
        ValueKind.Map or ValueKind.Object => "a map",
        ValueKind.Union => type.Description,
        ValueKind.Asset => "an asset",
        ValueKind.Text => "text",
        _ => type.Description,
    };

    private static string ResourceHint(ReferenceExpression reference, ValueSchema type)
        => type.Resource is { IsComponent: true } component
            ? $"give one of its outputs: {string.Join(", ", component.Outputs.Properties.Keys.Order(StringComparer.Ordinal))}"
            : $"give one of its outputs, such as '${{{reference.Text}.id}}'";

    private ValueSchema Assign(Expression expression, ValueSchema type, ValueSchema expected, Place place)
    {
        if (!Fits(type, expected))
        {
            var written = expression switch
            {
                ReferenceExpression reference => $"'${{{reference.Text}}}'",
                FunctionExpression function => $"'{BuiltInFunctions.NameOf(function.Function)}'",
                InvokeExpression call => $"the result of '{call.Token}'",
                _ => "what stands here",
            };
            var hint = (expression, type.Kind, expected.Kind) switch
            {
                (ReferenceExpression reference, ValueKind.Resource, not ValueKind.Resource) => ResourceHint(reference, type),
                (ReferenceExpression { Target: ResourceDeclaration target, Accessors.IsEmpty: false }, _, ValueKind.Resource) => $"name the whole resource: '${{{target.Name}}}'",
                (ReferenceExpression reference, _, ValueKind.List) when Fits(type, expected.Element!) => $"write it as the item of a list: '- ${{{reference.Text}}}'",
                (ReferenceExpression reference, ValueKind.List, _) when Fits(type.Element!, expected) => $"pick an item: '${{{reference.Text}[0]}}'",
                (ReferenceExpression { Target: ConfigDeclaration { Type: null } config }, ValueKind.Text, ValueKind.Integer or ValueKind.Number or ValueKind.Boolean)
                    => $"give the setting '{config.Name}' a type: 'type: {(expected.Kind is ValueKind.Boolean ? "boolean" : expected.Kind is ValueKind.Integer ? "integer" : "number")}'",
                _ => null,
            };
            _diagnostics.Error(expression.Position, $"{written} is {Name(type)}, and '{place}' must be {expected.Description}", hint);
        }
        else if (type.Kind is ValueKind.Integer or ValueKind.Number or ValueKind.Boolean && expected.Kind is ValueKind.Text)
        {
            expression.AsText = true;
        }

        return type;
    }

    private static bool Fits(ValueSchema type, ValueSchema expected) => (type.Kind, expected.Kind) switch
    {
        (ValueKind.Any or ValueKind.Null, _) or (_, ValueKind.Any) => true,
        (ValueKind.Union, _) => type.Alternatives.Any(alternative => Fits(alternative, expected)),
        (_, ValueKind.Union) => expected.Alternatives.Any(alternative => Fits(type, alternative)),
        (ValueKind.Text or ValueKind.Integer or ValueKind.Number or ValueKind.Boolean, ValueKind.Text) => true,
        (ValueKind.Integer or ValueKind.Number, ValueKind.Integer or ValueKind.Number) => true,
        (ValueKind.List, ValueKind.List) => Fits(type.Element!, expected.Element!),
        (ValueKind.Map, ValueKind.Map) => Fits(type.Element!, expected.Element!),
        (ValueKind.Map or ValueKind.Object, ValueKind.Map or ValueKind.Object) => true,
        (ValueKind.Archive, ValueKind.Asset) => true,
        (ValueKind.Resource, ValueKind.Resource) => type.Resource is null || expected.Resource is null || type.Resource.Token == expected.Resource.Token,
        _ => type.Kind == expected.Kind,
    };

    private ValueSchema CheckList(ListExpression list, ValueSchema expected, Place place)
    {
        expected = Narrow(list, expected);
        var element = expected.Kind is ValueKind.List ? expected.Element! : ValueSchema.Any;
        if (expected.Kind is not (ValueKind.List or ValueKind.Any))
        {
            _diagnostics.Error(list.Position, $"'{place}' must be {expected.Description}, and here stands a list", list.Items.Length == 1 ? "remove the '-' or the '[ ]' around it" : null);
        }

        ValueSchema? common = null;
        for (var index = 0; index < list.Items.Length; index++)
        {
            var type = Check(list.Items[index], element, place.Item(index));
            common = common is null || ReferenceEquals(common, type) ? type : ValueSchema.Any;
        }

        return ValueSchema.ListOf(common ?? ValueSchema.Any);
    }

    private ValueSchema CheckMap(MapExpression map, ValueSchema expected, Place place)
    {
        expected = Narrow(map, expected);
        foreach (var entry in map.Entries.Where(entry => entry.Key is not null))
        {
            Check(entry.Key!, ValueSchema.Text, place);
            if (expected.Kind is ValueKind.Object)
            {
                _diagnostics.Error(entry.Position, $"the name '{entry.Name}' holds a reference, and names of properties can't", "write the name out");
            }
        }

        if (expected.Kind is ValueKind.Object)
        {
            CheckEntries(map.Entries, expected.Object!, place, map.Position, $"'{place}'", "to it", null);
            return expected;
        }

        var element = expected.Kind is ValueKind.Map ? expected.Element! : ValueSchema.Any;
        if (expected.Kind is not (ValueKind.Map or ValueKind.Any))
        {
            _diagnostics.Error(map.Position, $"'{place}' must be {expected.Description}, and here stands a map", expected.Kind is ValueKind.List ? "put '- ' before its first line, to make it the item of a list" : null);
        }

        Dictionary<string, PropertySchema> properties = new(map.Entries.Length, StringComparer.Ordinal);
        foreach (var entry in map.Entries)
        {
            var type = Check(entry.Value, element, place.Property(entry.Name));
            properties[entry.Name] = new PropertySchema(new Lazy<ValueSchema>(type), "", false, false, null);
        }

        return expected.Kind is ValueKind.Map ? expected
            : map.Entries.Any(entry => entry.Key is not null) ? ValueSchema.MapOf(ValueSchema.Any)
            : new ValueSchema { Kind = ValueKind.Object, Object = new ObjectSchema("the map", properties.ToFrozenDictionary(StringComparer.Ordinal), NoNames) };
    }

    private ValueSchema CheckFunction(FunctionExpression function)
    {
        var arguments = function.Arguments;
        var name = Place.Of(BuiltInFunctions.NameOf(function.Function));
        switch (function.Function)
        {
            case BuiltInFunction.ToJson:
                Check(arguments[0], ValueSchema.Any, name);
                return ValueSchema.Text;
            case BuiltInFunction.Join:
                Check(arguments[0], ValueSchema.Text, name.Item(0));
                Check(arguments[1], ValueSchema.ListOf(ValueSchema.Text), name.Item(1));
                return ValueSchema.Text;
            case BuiltInFunction.Split:
                Check(arguments[0], ValueSchema.Text, name.Item(0));
                Check(arguments[1], ValueSchema.Text, name.Item(1));
                return ValueSchema.ListOf(ValueSchema.Text);
            case BuiltInFunction.Select:
                Check(arguments[0], ValueSchema.Integer, name.Item(0));
                return Check(arguments[1], ValueSchema.ListOf(ValueSchema.Any), name.Item(1)) is { Kind: ValueKind.List, Element: { } element } ? element : ValueSchema.Any;
            case BuiltInFunction.SingleOrNone:
                return Check(arguments[0], ValueSchema.ListOf(ValueSchema.Any), name) is { Kind: ValueKind.List, Element: { } single } ? single : ValueSchema.Any;
            case BuiltInFunction.Unsecret:
                return Check(arguments[0], ValueSchema.Any, name);
            case BuiltInFunction.Length:
                Check(arguments[0], ValueSchema.Any, name);
                return ValueSchema.Integer;
            case BuiltInFunction.PulumiResourceName or BuiltInFunction.PulumiResourceType:
                Check(arguments[0], ValueSchema.Any, name);
                return ValueSchema.Text;
            case BuiltInFunction.AssetArchive:
                Check(arguments[0], ValueSchema.MapOf(ValueSchema.Asset), name);
                return ValueSchema.Archive;
            case BuiltInFunction.FileArchive or BuiltInFunction.RemoteArchive:
                Check(arguments[0], ValueSchema.Text, name);
                return ValueSchema.Archive;
            case BuiltInFunction.FileAsset or BuiltInFunction.RemoteAsset or BuiltInFunction.StringAsset:
                Check(arguments[0], ValueSchema.Text, name);
                return ValueSchema.Asset;
            default:
                Check(arguments[0], ValueSchema.Text, name);
                return ValueSchema.Text;
        }
    }

    private ValueSchema CheckCall(InvokeExpression call)
    {
        CheckResourceOption(call.Parent, "parent");
        CheckResourcesOption(call.DependsOn, "dependsOn");
        var function = FindFunction(call);
        if (function is null)
        {
            if (call.Arguments is { } unknown)
            {
                Check(unknown, ValueSchema.Any, Place.Of(call.Token));
            }

            CheckProviderOption(call.Provider, null);
            return ValueSchema.Any;
        }

        call.Token = function.Token;
        var package = function.Token.Split(':')[0];
        CheckProviderOption(call.Provider, package);
        if (call.Provider is null && _defaultProviders.GetValueOrDefault(package) is { } provider)
        {
            call.Provider = new ReferenceExpression(call.Position, provider.Name, [], provider.Name) { Target = provider };
        }

        CheckEntries(call.Arguments is { } arguments ? arguments.Entries : [], function.Arguments, null, call.TokenPosition,
            $"the function '{PackageSchema.Shorten(function.Token)}'", "to its arguments", null, "argument");
        if (function.Deprecation is { } deprecation)
        {
            _diagnostics.Warning(call.TokenPosition, $"'{PackageSchema.Shorten(function.Token)}' is deprecated: {deprecation}");
        }

        if (call.Return is not { } wanted || function.Result.Object is not { } results)
        {
            return function.Result;
        }

        if (results.Properties.TryGetValue(wanted, out var result))
        {
            return result.Type;
        }

        _diagnostics.Error(call.ReturnPosition, $"'{PackageSchema.Shorten(function.Token)}' returns no '{wanted}'", Suggestion.For(wanted, results.Properties.Keys, "it"));
        return ValueSchema.Any;
    }

    private FunctionSchema? FindFunction(InvokeExpression call)
    {
        if (!IsToken(call.Token))
        {
            _diagnostics.Error(call.TokenPosition, $"'{call.Token}' is no function", "write 'package:function', such as 'blanket:getHostFacts'");
            return null;
        }

        var package = call.Token.Split(':')[0];
        if (_catalog.Find(package, call.Version, out var fault) is not { } schema)
        {
            _diagnostics.Error(call.TokenPosition, $"the package '{package}' can't be used: {fault}");
            return null;
        }

        if (schema.FindFunction(call.Token) is { } function)
        {
            return function;
        }

        _diagnostics.Error(call.TokenPosition, $"the package '{package}' has no function '{call.Token}'",
            Suggestion.For(PackageSchema.Shorten(call.Token), schema.FunctionTokens.Select(PackageSchema.Shorten), "it"));
        return null;
    }
}
