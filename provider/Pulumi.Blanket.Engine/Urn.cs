namespace Pulumi.Blanket.Engine;

/// <summary>
/// A resource's name within a stack: <c>urn:pulumi:&lt;stack&gt;::&lt;project&gt;::&lt;type of the parents&gt;$&lt;type&gt;::&lt;name&gt;</c>
/// (pulumi/pulumi, <c>sdk/go/common/resource/urn</c>).
/// </summary>
public static class Urn
{
    public const string StackType = "pulumi:pulumi:Stack";

    private const string Prefix = "urn:pulumi:";

    /// <summary>The URN of a resource below that parent; the stack itself doesn't count as a parent.</summary>
    /// <param name="parent">URN of the parent; null or empty for none.</param>
    public static string Of(string stack, string project, string? parent, string type, string name)
    {
        var parents = string.IsNullOrEmpty(parent) ? "" : QualifiedTypeOf(parent);
        return parents is "" or StackType ? $"{Prefix}{stack}::{project}::{type}::{name}" : $"{Prefix}{stack}::{project}::{parents}${type}::{name}";
    }

    public static string StackOf(string stack, string project) => Of(stack, project, null, StackType, $"{project}-{stack}");

    public static bool IsUrn(string text) => text.StartsWith(Prefix, StringComparison.Ordinal) && text.Split("::").Length >= 4;

    /// <summary>The resource's own type.</summary>
    public static string TypeOf(string urn)
    {
        var types = QualifiedTypeOf(urn);
        return types[(types.LastIndexOf('$') + 1)..];
    }

    /// <summary>The types from the outermost parent down to the resource, joined by <c>$</c>.</summary>
    public static string QualifiedTypeOf(string urn) => urn.Split("::", 4)[2];

    public static string NameOf(string urn) => urn.Split("::", 4)[3];

    public static string StackNameOf(string urn) => urn[Prefix.Length..urn.IndexOf("::", StringComparison.Ordinal)];

    /// <summary>The URN of the same resource in another stack.</summary>
    public static string InStack(string urn, string stack) => $"{Prefix}{stack}{urn[urn.IndexOf("::", StringComparison.Ordinal)..]}";

    public static string ProjectOf(string urn) => urn.Split("::", 4)[1];
}
