using System.Runtime.CompilerServices;
using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.Engine.States;

/// <summary>
/// How secrets are sealed: by value as it is held, and by plain text for what was in the file, since a provider's answer holds the same
/// secret as another value. New secrets are not shared by text: that two of them are equal is nobody's business.
/// </summary>
internal sealed class SealedTexts
{
    private readonly ConditionalWeakTable<SecretValue, string> _byValue = [];
    private readonly Dictionary<string, string> _loaded = new(StringComparer.Ordinal);

    public void Remember(SecretValue secret, string sealedText)
    {
        _byValue.AddOrUpdate(secret, sealedText);
        _loaded.TryAdd(StateValueWriter.PlainText(secret), sealedText);
    }

    /// <param name="seal">Seals a plain text that was not known.</param>
    public string Of(SecretValue secret, Func<string, string> seal)
    {
        if (_byValue.TryGetValue(secret, out var known))
        {
            return known;
        }

        var plain = StateValueWriter.PlainText(secret);
        var text = _loaded.TryGetValue(plain, out var loaded) ? loaded : seal(plain);
        _byValue.AddOrUpdate(secret, text);
        return text;
    }
}
