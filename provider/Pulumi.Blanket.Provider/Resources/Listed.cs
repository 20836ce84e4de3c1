namespace Pulumi.Blanket.Provider.Resources;

/// <summary>A resource that exists and could be imported.</summary>
/// <param name="Id">What an import takes.</param>
internal sealed record Listed(string Id, string Name);
