namespace Pulumi.Blanket.Engine.States;

/// <summary>Which of Pulumi's secrets providers there are here.</summary>
internal static class SecretsProviders
{
    /// <summary>The words for a provider that is not known here.</summary>
    /// <param name="provider">Its name, or its address such as <c>awskms://…</c>, of which only the scheme is shown.</param>
    public static EngineException Refuse(string provider)
    {
        var end = provider.IndexOf("://", StringComparison.Ordinal);
        return new EngineException(
            EngineFailure.Secrets,
            $"its secrets are sealed by the provider '{(end < 0 ? provider : provider[..end])}', and here there is only '{PassphraseSecrets.ProviderType}'; use Pulumi, or let it run `pulumi stack change-secrets-provider {PassphraseSecrets.ProviderType}`");
    }

    /// <summary>True for a stack's <c>secretsprovider</c> that means the passphrase.</summary>
    public static bool IsPassphrase(string? provider) => provider is null or "" or "default" or PassphraseSecrets.ProviderType;
}
