using Google.Protobuf.WellKnownTypes;

namespace Pulumi.Blanket.Benchmarks;

/// <summary>A resource in the state of a <see cref="BenchStack"/>.</summary>
internal sealed record BenchResource(string Type, string Name, string Id, Struct Inputs, Struct State);
