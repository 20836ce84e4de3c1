namespace Pulumi.Blanket.Provider.Definitions;

/// <summary>
/// A name that Check makes up where the program gives none: the resource's name in the program, in lower case with all that is no letter or
/// digit turned into dashes, and seven random digits. What was made up once is kept.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class AutoNameAttribute : Attribute
{
    /// <summary>Characters; the default is what a host name's label may have.</summary>
    public int MaxLength { get; init; } = 63;
}
