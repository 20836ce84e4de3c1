namespace Pulumi.Blanket.Provider.Definitions;

/// <summary>The types that a property can have, as Pulumi's schema knows them.</summary>
internal enum ValueShape
{
    Text,
    Boolean,

    /// <summary>A whole number.</summary>
    Integer,
    Number,

    /// <summary>Whatever Pulumi can carry.</summary>
    Any,
    List,

    /// <summary>Values by names that the user chooses.</summary>
    Map,

    /// <summary>One of a closed set of texts.</summary>
    Enumeration,

    /// <summary>A record with properties of its own.</summary>
    Object,
}
