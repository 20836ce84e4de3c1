namespace Pulumi.Blanket.Provider.Resources;

internal enum AutoNamingMode
{
    /// <summary>The proposed name is a wish.</summary>
    Propose,

    /// <summary>The proposed name is to be taken as it is.</summary>
    Enforce,

    /// <summary>The program has to give a name.</summary>
    Disable,
}
