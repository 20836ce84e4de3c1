namespace Pulumi.Blanket.Engine.Projects;

/// <summary>A provider that the project brings along.</summary>
/// <param name="Path">Its program, or the folder of it; absolute.</param>
/// <param name="Version">Empty for any.</param>
public sealed record ProjectPlugin(string Name, string Path, string Version);
