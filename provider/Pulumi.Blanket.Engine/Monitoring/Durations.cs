using System.Buffers;
using System.Globalization;

namespace Pulumi.Blanket.Engine;

/// <summary>Durations as Go writes them: <c>1h30m</c>, <c>90s</c>, <c>1.5m</c>, <c>250ms</c>.</summary>
public static class Durations
{
    private static readonly (string Unit, double Seconds)[] Units = [("ms", 1e-3), ("us", 1e-6), ("µs", 1e-6), ("ns", 1e-9), ("h", 3600), ("m", 60), ("s", 1)];

    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789.");

    /// <summary>In seconds; an empty text is 0.</summary>
    /// <exception cref="EngineException">The text is no duration.</exception>
    public static double ParseSeconds(string text) => TryParseSeconds(text, out var seconds)
        ? seconds
        : throw new EngineException(EngineFailure.InvalidInput, $"'{text}' is no duration; write it like 90s, 5m or 1h30m");

    public static bool TryParseSeconds(string text, out double seconds)
    {
        seconds = 0;
        for (var rest = text.AsSpan(); rest.Length > 0;)
        {
            var digits = rest.IndexOfAnyExcept(Digits);
            var unit = digits <= 0 ? default : FirstUnit(rest[digits..]);
            if (unit.Unit is null || !double.TryParse(rest[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
            {
                return false;
            }

            seconds += number * unit.Seconds;
            rest = rest[(digits + unit.Unit.Length)..];
        }

        return true;
    }

    private static (string Unit, double Seconds) FirstUnit(ReadOnlySpan<char> text)
    {
        foreach (var unit in Units)
        {
            if (text.StartsWith(unit.Unit, StringComparison.Ordinal))
            {
                return unit;
            }
        }

        return default;
    }
}
