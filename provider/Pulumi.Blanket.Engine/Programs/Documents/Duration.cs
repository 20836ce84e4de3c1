using System.Buffers;
using System.Globalization;

namespace Pulumi.Blanket.Engine.Programs.Documents;

/// <summary>Durations as Pulumi writes them, such as <c>90s</c> and <c>1h30m</c> (Go's <c>time.ParseDuration</c>).</summary>
internal static class Duration
{
    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789.");

    /// <summary>Seconds; null where the text is no duration.</summary>
    public static double? Parse(string text)
    {
        var seconds = 0.0;
        var position = 0;
        while (position < text.Length)
        {
            var digits = text.AsSpan(position).IndexOfAnyExcept(Digits);
            if (digits <= 0 || !double.TryParse(text.AsSpan(position, digits), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var amount))
            {
                return null;
            }

            position += digits;
            var letters = text.AsSpan(position).IndexOfAny(Digits);
            var unit = letters < 0 ? text[position..] : text.Substring(position, letters);
            double? factor = unit switch
            {
                "h" => 3600,
                "m" => 60,
                "s" => 1,
                "ms" => 1e-3,
                "us" or "µs" => 1e-6,
                "ns" => 1e-9,
                _ => null,
            };
            if (factor is null)
            {
                return null;
            }

            seconds += amount * factor.Value;
            position += unit.Length;
        }

        return text.Length == 0 ? null : seconds;
    }
}
