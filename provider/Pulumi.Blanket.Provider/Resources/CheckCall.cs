using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.Provider.Resources;

/// <summary>What the engine asks a Check.</summary>
/// <param name="Name">The resource's name in the program.</param>
/// <param name="RandomSeed">The same for the same resource in the same run.</param>
internal sealed record CheckCall(string Urn, string Name, ObjectValue Olds, ObjectValue News, ReadOnlyMemory<byte> RandomSeed, AutoNaming Naming);
