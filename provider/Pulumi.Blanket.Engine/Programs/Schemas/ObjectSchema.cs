using System.Collections.Frozen;

namespace Pulumi.Blanket.Engine.Programs.Schemas;

/// <summary>Named properties.</summary>
/// <param name="Name">What has them, such as <c>blanket:index:VirtualMachineDisk</c>.</param>
/// <param name="Required">Those that must be given, and those that are always there.</param>
internal sealed record ObjectSchema(string Name, FrozenDictionary<string, PropertySchema> Properties, FrozenSet<string> Required);
