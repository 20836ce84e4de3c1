using System.Globalization;

namespace Pulumi.Blanket.Engine.Programs.Running;

/// <summary>Numbers as text, the way Pulumi programs see them: the fewest digits, and no exponent where one can do without.</summary>
internal static class NumberText
{
    public static string Of(double number)
        => double.IsInteger(number) && Math.Abs(number) < 1e21 ? number.ToString("F0", CultureInfo.InvariantCulture)
            : Math.Abs(number) is >= 1e-6 and < 1e15 ? number.ToString("0.####################", CultureInfo.InvariantCulture) is var text
                && double.Parse(text, CultureInfo.InvariantCulture) == number ? text : number.ToString("R", CultureInfo.InvariantCulture)
            : number.ToString("R", CultureInfo.InvariantCulture).ToLowerInvariant();
}
