namespace Pulumi.Blanket.Provider.Definitions;

/// <summary>A change of this input can't be made in place: the resource is replaced.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class ReplacesAttribute : Attribute
{
    /// <summary>
    /// Whether a value that is not known yet replaces too. The engine makes inputs unknown to ask whether a resource has to follow one that
    /// is replaced; false answers that it does not.
    /// </summary>
    public bool WhenUnknown { get; init; } = true;
}
