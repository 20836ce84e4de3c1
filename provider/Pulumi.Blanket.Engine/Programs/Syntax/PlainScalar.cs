using System.Buffers;
using System.Globalization;
using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.Engine.Programs.Syntax;

/// <summary>What an unquoted scalar stands for, after the core schema of YAML 1.2 (section 10.3.2): <c>yes</c> and <c>no</c> are text.</summary>
internal static class PlainScalar
{
    private static readonly SearchValues<char> NumberCharacters = SearchValues.Create("0123456789+-.eE");

    public static PropertyValue Read(string text) => text switch
    {
        "" or "~" or "null" or "Null" or "NULL" => NullValue.Instance,
        "true" or "True" or "TRUE" => new BoolValue(true),
        "false" or "False" or "FALSE" => new BoolValue(false),
        _ => ReadNumber(text) is { } number ? new NumberValue(number) : new StringValue(text),
    };

    private static double? ReadNumber(string text)
    {
        if (!char.IsAsciiDigit(text[0]) && text[0] is not ('-' or '+' or '.'))
        {
            return null;
        }

        if (text.StartsWith("0x", StringComparison.Ordinal))
        {
            return ulong.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var bits) ? bits : null;
        }

        if (text.StartsWith("0o", StringComparison.Ordinal))
        {
            return text.Length is > 2 and < 20 && text.AsSpan(2).IndexOfAnyExceptInRange('0', '7') < 0 ? Convert.ToInt64(text[2..], 8) : null;
        }

        // A sign and a point alone are text; so is what only .NET takes for a number.
        return text.AsSpan().ContainsAnyInRange('0', '9') && text.AsSpan().IndexOfAnyExcept(NumberCharacters) < 0
            && double.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out var number)
            && double.IsFinite(number)
            ? number : null;
    }
}
