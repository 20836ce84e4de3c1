namespace Pulumi.Blanket.Engine.States;

/// <summary>Names of providers: types <c>pulumi:providers:&lt;package&gt;</c>, references <c>&lt;urn&gt;::&lt;id&gt;</c>.</summary>
public static class ProviderReference
{
    /// <summary>The id of a provider in a preview of its making.</summary>
    public const string UnknownId = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

    private const string TypePrefix = "pulumi:providers:";
    private const string DefaultName = "default";

    public static bool IsProviderType(string type) => type.StartsWith(TypePrefix, StringComparison.Ordinal);

    public static string TypeOf(string package) => TypePrefix + package;

    public static string PackageOfType(string type) => type[TypePrefix.Length..];

    /// <summary>The package of a resource's or function's token.</summary>
    public static string PackageOf(string token) => token.Split(':')[0];

    public static bool IsDefault(string urn)
        => IsProviderType(Engine.Urn.TypeOf(urn)) && Engine.Urn.NameOf(urn) is var name && (name == DefaultName || name.StartsWith(DefaultName + "_", StringComparison.Ordinal));

    public static string DefaultNameOf(string version, string downloadUrl)
    {
        var name = version.Length == 0 ? DefaultName : $"{DefaultName}_{Plain(version)}";
        return downloadUrl.Length == 0 ? name : $"{name}_{Plain(downloadUrl)}";
    }

    public static string UrnOf(string reference) => reference[..reference.LastIndexOf("::", StringComparison.Ordinal)];

    private static string Plain(string text) => string.Concat(text.Select(character => char.IsAsciiLetterOrDigit(character) ? character : '_'));
}
