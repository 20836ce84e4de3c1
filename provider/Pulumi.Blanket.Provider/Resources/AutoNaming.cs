using System.Security.Cryptography;
using Pulumi.Blanket.Protocol.Values;
using Pulumi.Blanket.Provider.Definitions;

namespace Pulumi.Blanket.Provider.Resources;

/// <summary>How a name is made up where the program gives none, as the project's configuration (<c>pulumi:autonaming</c>) has it.</summary>
/// <param name="Proposed">The name that the engine made; null where it made none.</param>
internal sealed record AutoNaming(AutoNamingMode Mode, string? Proposed)
{
    private const int RandomDigits = 7;

    /// <summary>No word from the engine.</summary>
    public static AutoNaming Default { get; } = new(AutoNamingMode.Propose, null);

    /// <summary>Adds the name to the inputs where they have none.</summary>
    public ObjectValue Apply(PropertyDefinition property, CheckCall call, ObjectValue inputs, List<InputFault> faults)
    {
        if (inputs.Properties.TryGetValue(property.Name, out var given) && given.Bare is not NullValue)
        {
            return inputs;
        }

        // Once made up, a name stays; the engine asks without old inputs where it wants a new one.
        if (call.Olds[property.Name] is { Bare: StringValue } kept)
        {
            return inputs.With(property.Name, kept);
        }

        switch (Mode)
        {
            case AutoNamingMode.Disable:
                faults.Add(new(PropertyPath.Root.Property(property.Name), $"{property.Name} is missing, and this project makes up no names (pulumi:autonaming is disabled); give one"));
                return inputs;
            case AutoNamingMode.Enforce when Proposed is { Length: > 0 }:
                return inputs.With(property.Name, Proposed);
            case AutoNamingMode.Propose when Proposed is { Length: > 0 }:
                return inputs.With(property.Name, Shape(Proposed, property.AutoName!.MaxLength));
            default:
                var seed = call.RandomSeed.IsEmpty ? RandomNumberGenerator.GetBytes(16) : call.RandomSeed.Span;
                var digits = Convert.ToHexStringLower(SHA256.HashData(seed))[..RandomDigits];
                return inputs.With(property.Name, $"{Shape(call.Name, property.AutoName!.MaxLength - RandomDigits - 1)}-{digits}");
        }
    }

    // What a host name's label may have, since that is the narrowest of what names are used for.
    private static string Shape(string name, int maxLength)
    {
        var text = string.Concat(name.ToLowerInvariant().Select(character => char.IsAsciiLetterOrDigit(character) ? character : '-')).Trim('-');
        text = text.Length > maxLength ? text[..maxLength].TrimEnd('-') : text;
        return text.Length == 0 ? "x" : text;
    }
}
