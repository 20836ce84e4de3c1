using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using Pulumi.Blanket.Engine.Plugins;
using Pulumi.Blanket.Engine.Programs.Expressions;
using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.Engine.Programs.Running;

internal sealed partial class Evaluator
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private PropertyValue EvaluateFunction(FunctionExpression call, HashSet<string> dependencies)
    {
        var arguments = ImmutableArray.CreateRange(call.Arguments, argument => Evaluate(argument, dependencies));
        switch (call.Function)
        {
            case BuiltInFunction.Secret:
                return PlainValue.Secret(arguments[0]);
            case BuiltInFunction.Select or BuiltInFunction.SingleOrNone:
                return Pick(call, arguments);
            case BuiltInFunction.AssetArchive:
                return MakeArchive(call, arguments[0]);
            case BuiltInFunction.Unsecret:
                return Secrets.Open(arguments[0]);
            case BuiltInFunction.Length:
                return Measure(call, arguments[0]);
            case BuiltInFunction.PulumiResourceName or BuiltInFunction.PulumiResourceType:
                var urn = arguments[0].Bare is ResourceReferenceValue resource ? resource.Urn : throw Fault(call, $"needs a whole resource, and was given {Name(arguments[0].Bare)}", "write '${name}'");
                return call.Function is BuiltInFunction.PulumiResourceName ? Urn.NameOf(urn) : Urn.TypeOf(urn);
        }

        if (arguments.Any(argument => argument.ContainsUnknown))
        {
            return UnknownValue.Text;
        }

        var isSecret = arguments.Any(argument => argument.ContainsSecret);
        var result = Compute(call, isSecret ? ImmutableArray.CreateRange(arguments, Secrets.Open) : arguments);
        return isSecret ? PlainValue.Secret(result) : result;
    }

    private PropertyValue Compute(FunctionExpression call, ImmutableArray<PropertyValue> arguments)
    {
        switch (call.Function)
        {
            case BuiltInFunction.ToJson:
                return JsonText.Of(arguments[0]) ?? throw Fault(call, "can't turn assets, archives and whole resources into JSON", "give properties of theirs");
            case BuiltInFunction.Join:
                var items = arguments[1] is ArrayValue list ? list.Items : throw Fault(call, $"needs a list, and was given {Name(arguments[1])}");
                return string.Join(Text(call, arguments[0]), items.Select(item => Text(call, item)));
            case BuiltInFunction.Split:
                return new ArrayValue([.. Split(Text(call, arguments[1]), Text(call, arguments[0])).Select(part => new StringValue(part))]);
            case BuiltInFunction.ToBase64:
                return Convert.ToBase64String(Encoding.UTF8.GetBytes(Text(call, arguments[0])));
            case BuiltInFunction.FromBase64:
                return FromBase64(call, Text(call, arguments[0]));
            case BuiltInFunction.Sha1:
                return Sha1(Text(call, arguments[0]));
            case BuiltInFunction.ReadFile:
                return ReadFile(call, Text(call, arguments[0]), File.ReadAllText);
            case BuiltInFunction.FileBase64:
                return Convert.ToBase64String(ReadFile(call, Text(call, arguments[0]), File.ReadAllBytes));
            case BuiltInFunction.FileBase64Sha256:
                return Convert.ToBase64String(SHA256.HashData(ReadFile(call, Text(call, arguments[0]), File.ReadAllBytes)));
            case BuiltInFunction.StringAsset:
                return new AssetValue(Text(call, arguments[0]), null, null, "");
            case BuiltInFunction.FileAsset:
                return new AssetValue(null, Text(call, arguments[0]), null, "");
            case BuiltInFunction.RemoteAsset:
                return new AssetValue(null, null, Text(call, arguments[0]), "");
            case BuiltInFunction.FileArchive:
                return new ArchiveValue(null, Text(call, arguments[0]), null, "");
            default:
                return new ArchiveValue(null, null, Text(call, arguments[0]), "");
        }
    }

    // Of a list that is known, an item can be picked though others are unknown or secret.
    private static PropertyValue Pick(FunctionExpression call, ImmutableArray<PropertyValue> arguments)
    {
        var list = arguments[^1];
        if (list is UnknownValue || arguments[0] is UnknownValue)
        {
            return UnknownValue.Text;
        }

        if (list.Bare is not ArrayValue { Items: var items })
        {
            throw Fault(call, $"needs a list, and was given {Name(list.Bare)}");
        }

        var isSecret = list is SecretValue;
        PropertyValue picked;
        if (call.Function is BuiltInFunction.SingleOrNone)
        {
            picked = items.Length <= 1 ? items.FirstOrDefault() ?? NullValue.Instance : throw Fault(call, $"needs a list of at most one item, and was given one of {items.Length}");
        }
        else
        {
            isSecret |= arguments[0] is SecretValue;
            picked = arguments[0].Bare is NumberValue { Number: >= 0 and var index } && double.IsInteger(index) && index < items.Length ? items[(int)index]
                : throw Fault(call, $"needs an index from 0 to {items.Length - 1} here, as the list has {(items.Length == 1 ? "1 item" : $"{items.Length} items")}");
        }

        return isSecret ? PlainValue.Secret(picked) : picked;
    }

    private static PropertyValue MakeArchive(FunctionExpression call, PropertyValue assets)
    {
        // An asset that can't be known yet leaves the whole unknown: an archive holds nothing but assets.
        if (assets.ContainsUnknown)
        {
            return UnknownValue.Text;
        }

        var isSecret = assets.ContainsSecret;
        var opened = ((ObjectValue)Secrets.Open(assets)).Properties;
        if (opened.FirstOrDefault(asset => asset.Value is not (AssetValue or ArchiveValue)) is { Key: { } name, Value: var other })
        {
            throw Fault(call, $"needs assets and archives, and '{name}' is {Name(other)}");
        }

        ArchiveValue archive = new(opened, null, null, "");
        return isSecret ? new SecretValue(archive) : archive;
    }

    private static string[] Split(string text, string separator)
        => separator.Length > 0 ? text.Split(separator) : [.. text.EnumerateRunes().Select(rune => rune.ToString())];

    private static string FromBase64(FunctionExpression call, string text)
    {
        try
        {
            return StrictUtf8.GetString(Convert.FromBase64String(text));
        }
        catch (FormatException)
        {
            throw Fault(call, "was given text that is no base64");
        }
        catch (DecoderFallbackException)
        {
            throw Fault(call, "was given bytes that are no text in UTF-8");
        }
    }

    // Of what is known to be a list or a map, the items may be unknown or secret.
    private static PropertyValue Measure(FunctionExpression call, PropertyValue measured)
    {
        PropertyValue length = measured.Bare switch
        {
            UnknownValue => UnknownValue.Text,
            ArrayValue array => array.Items.Length,
            ObjectValue map => map.Properties.Count,
            StringValue text => text.Text.EnumerateRunes().Count(),
            var other => throw Fault(call, $"needs a list, a map or a text, and was given {Name(other)}"),
        };
        return measured is SecretValue ? PlainValue.Secret(length) : length;
    }

    [SuppressMessage("Security", "CA5350:Do not use weak cryptographic algorithms", Justification = "It is what the function is called, and programs compare with sums that others made.")]
    private static string Sha1(string text) => Convert.ToHexStringLower(SHA1.HashData(Encoding.UTF8.GetBytes(text)));

    private T ReadFile<T>(FunctionExpression call, string path, Func<string, T> read)
    {
        try
        {
            return read(Path.Combine(context.WorkingDirectory, path));
        }
        catch (Exception fault) when (fault is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new EvaluationException(call.Arguments[0].Position, $"there is no file '{path}'", $"paths start at the program's folder, {context.WorkingDirectory}");
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new EvaluationException(call.Arguments[0].Position, $"'{path}' can't be read: {fault.Message}");
        }
    }

    private static string Text(FunctionExpression call, PropertyValue value)
        => ToText(value) is StringValue text ? text.Text : throw Fault(call, $"needs text, and was given {Name(value)}");

    private static EvaluationException Fault(FunctionExpression call, string message, string? hint = null)
        => new(call.Position, $"'{BuiltInFunctions.NameOf(call.Function)}' {message}", hint);
}
