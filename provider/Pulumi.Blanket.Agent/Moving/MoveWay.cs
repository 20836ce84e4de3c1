using Pulumi.Blanket.Contract;

namespace Pulumi.Blanket.Agent.Moving;

/// <summary>How a machine gets to a target where it and another one wait for each other's place.</summary>
/// <param name="Detour">The member by way of which it goes; null: none.</param>
/// <param name="Successor">The machine that gets its place first, while it stands still; null: none.</param>
internal sealed record MoveWay(Member? Detour = null, WaitingMove? Successor = null);
