using System.Collections.Frozen;

namespace Pulumi.Blanket.Engine.Programs.Expressions;

/// <summary>How the functions are written; letters may be large or small.</summary>
internal static class BuiltInFunctions
{
    public const string Prefix = "fn::";

    public const string Invoke = "fn::invoke";

    public static FrozenDictionary<string, BuiltInFunction> ByName { get; } = Enum.GetValues<BuiltInFunction>().ToFrozenDictionary(NameOf, StringComparer.OrdinalIgnoreCase);

    public static string NameOf(BuiltInFunction function)
        => function is BuiltInFunction.ToJson ? "fn::toJSON" : function is BuiltInFunction.FileBase64 or BuiltInFunction.FileBase64Sha256 ? $"{Prefix}{function.ToString().ToLowerInvariant()}" : $"{Prefix}{char.ToLowerInvariant(function.ToString()[0])}{function.ToString()[1..]}";

    /// <summary>How a call looks, for who got it wrong.</summary>
    public static string ExampleOf(BuiltInFunction function) => function switch
    {
        BuiltInFunction.Join => "fn::join: [\", \", [a, b]]",
        BuiltInFunction.Split => "fn::split: [\",\", \"a,b\"]",
        BuiltInFunction.Select => "fn::select: [0, [a, b]]",
        BuiltInFunction.AssetArchive => "fn::assetArchive: { name: { fn::fileAsset: ./file } }",
        BuiltInFunction.SingleOrNone => "fn::singleOrNone: [a]",
        BuiltInFunction.RemoteAsset or BuiltInFunction.RemoteArchive => $"{NameOf(function)}: https://example.com/file",
        BuiltInFunction.PulumiResourceName or BuiltInFunction.PulumiResourceType => $"{NameOf(function)}: ${{resource}}",
        BuiltInFunction.ReadFile or BuiltInFunction.FileBase64 or BuiltInFunction.FileBase64Sha256 or BuiltInFunction.FileAsset or BuiltInFunction.FileArchive => $"{NameOf(function)}: ./file",
        _ => $"{NameOf(function)}: text",
    };
}
