using System.Globalization;
using System.Text.RegularExpressions;
using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.Engine.Programs.Syntax;

/// <summary>
/// What an unquoted scalar stands for, as the library has it that Pulumi reads YAML with (go-yaml 3, <c>resolve.go</c>): truth and null after YAML 1.2, so that
/// <c>yes</c> and <c>no</c> are text, but whole numbers after YAML 1.1: <c>0755</c> is octal, and <c>1_000</c> a thousand.
/// </summary>
internal static partial class PlainScalar
{
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

        var plain = text.Replace("_", "", StringComparison.Ordinal);
        return ReadWhole(plain)
            ?? (Fraction().IsMatch(plain) && double.TryParse(plain, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out var number)
                && double.IsFinite(number) ? number : null);
    }

    private static double? ReadWhole(string text)
    {
        var digits = text.AsSpan(text[0] is '-' or '+' ? 1 : 0);
        var (radix, prefix) = digits switch
        {
            ['0', 'x' or 'X', ..] => (16, 2),
            ['0', 'o' or 'O', ..] => (8, 2),
            ['0', 'b' or 'B', ..] => (2, 2),
            ['0', _, ..] => (8, 1),
            _ => (10, 0),
        };
        digits = digits[prefix..];
        if (digits.IsEmpty)
        {
            return null;
        }

        UInt128 whole = 0;
        foreach (var character in digits)
        {
            var digit = char.IsAsciiHexDigit(character) ? Convert.ToInt32(character.ToString(), 16) : radix;
            if (digit >= radix || whole > ulong.MaxValue)
            {
                return null;
            }

            whole = (whole * (UInt128)radix) + (UInt128)digit;
        }

        return whole > ulong.MaxValue ? null : text[0] == '-' ? -(double)whole : (double)whole;
    }

    [GeneratedRegex("^[-+]?(\\.[0-9]+|[0-9]+(\\.[0-9]*)?)([eE][-+]?[0-9]+)?$", RegexOptions.CultureInvariant)]
    private static partial Regex Fraction();
}
