using System.Text.Json;
using Pulumi.Blanket.Protocol.Values;
using Pulumi.Blanket.Provider.Configuration;
using Pulumi.Blanket.Provider.Resources;
using Pulumi.Blanket.Provider.Views;

namespace Pulumi.Blanket.Provider.Operations;

/// <summary>What an operation on a resource knows of its surroundings.</summary>
internal sealed class OperationContext
{
    public required string Urn { get; init; }

    /// <summary>The resource's name in the program (the last part of its URN), not its property <c>name</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Six random digits that log lines and error messages carry, here and on hosts.</summary>
    public required string OperationId { get; init; }

    /// <summary>How long the operation may take, the user's wish or else the resource's default. The operation's token is cancelled then.</summary>
    public required TimeSpan Timeout { get; init; }

    public required ProviderConfiguration Configuration { get; init; }

    /// <summary>What the user sees on the resource's line.</summary>
    public required OperationLog Log { get; init; }

    /// <summary>
    /// The ids by which the engine has called this URN since this process started, and those that this process gave it. One that is not among them was not made by
    /// this run, or was made by an operation whose answer got lost.
    /// </summary>
    public required IReadOnlySet<string> NamedIds { get; init; }

    /// <summary>Those of <see cref="NamedIds"/> whose resource was not deleted since by this process: a replacement may delete first, and a program may take back what it took out.</summary>
    public required IReadOnlySet<string> LivingIds { get; init; }

    /// <summary>Shows children that only the provider knows.</summary>
    public required ViewPublisher Views { get; init; }

    /// <summary>The inputs as they came, with their wrappers: the new ones of a create or update, those of the state otherwise.</summary>
    public required ObjectValue Inputs { get; init; }

    /// <summary>The inputs of last time, in an update.</summary>
    public ObjectValue OldInputs { get; init; } = ObjectValue.Empty;

    /// <summary>The state as it came; empty in a create and in an import.</summary>
    public ObjectValue State { get; init; } = ObjectValue.Empty;

    /// <summary>
    /// Answered to the engine: whether it shall read the resource before the next update. Starts as the resource's
    /// <see cref="Resource.RefreshBeforeUpdate"/>; an engine that can't do that ignores it.
    /// </summary>
    public bool RefreshBeforeUpdate { get; set; }

    /// <summary>True where an input is wholly known; one that is not given is known. Only previews have inputs that are not.</summary>
    /// <param name="property">The record's name for it (<c>nameof</c>).</param>
    public bool Knows(string property) => Inputs[JsonNamingPolicy.CamelCase.ConvertName(property)]?.ContainsUnknown != true;
}
