using System.Collections.Immutable;
using System.Security.Cryptography;
using Pulumi.Blanket.Engine.Plugins;
using Pulumi.Blanket.Engine.Programs;
using Pulumi.Blanket.Engine.Projects;
using Pulumi.Blanket.Engine.States;

namespace Pulumi.Blanket.Engine.Deployments;

/// <summary>What a deployment is to do, and with what.</summary>
public sealed record DeploymentRequest
{
    /// <summary>How many resources are worked on at once where nothing else is asked for: four per core, as Pulumi does.</summary>
    public static int DefaultParallel { get; } = 4 * Environment.ProcessorCount;

    public required DeploymentKind Kind { get; init; }

    public required string Project { get; init; }

    public required string Stack { get; init; }

    public string Organization { get; init; } = "organization";

    /// <summary>Nothing is changed and nothing written.</summary>
    public bool IsPreview { get; init; }

    /// <summary>The stack's state so far.</summary>
    public required Snapshot Snapshot { get; init; }

    /// <summary>Keeps the state; null in a preview.</summary>
    public ISnapshotWriter? Writer { get; init; }

    /// <summary>Reads the program, which is checked against the schemas that the plugins give; null for a destroy, a refresh and an import.</summary>
    public Func<IPackageSchemas, CancellationToken, Task<IProgram>>? LoadProgram { get; init; }

    public required IProviderSource Plugins { get; init; }

    public required IDeploymentObserver Observer { get; init; }

    /// <summary>Folder of the project file.</summary>
    public string RootDirectory { get; init; } = "";

    /// <summary>Folder of the program.</summary>
    public string WorkingDirectory { get; init; } = "";

    /// <summary>By full key (<c>namespace:name</c>).</summary>
    public ImmutableSortedDictionary<string, ConfigValue> Config { get; init; } = ImmutableSortedDictionary<string, ConfigValue>.Empty;

    public int Parallel { get; init; } = DefaultParallel;

    /// <summary>URNs to which changes are limited, with <c>*</c> and <c>**</c>; empty for all.</summary>
    public ImmutableArray<string> Targets { get; init; } = [];

    /// <summary>URNs that are left as they are, as <see cref="Targets"/> are written.</summary>
    public ImmutableArray<string> Excludes { get; init; } = [];

    /// <summary>URNs of what is made anew, changed or not, as <see cref="Targets"/> are written.</summary>
    public ImmutableArray<string> Replaces { get; init; } = [];

    /// <summary>What depends on a target is one, too.</summary>
    public bool TargetDependents { get; init; }

    /// <summary>Reads all resources first.</summary>
    public bool Refresh { get; init; }

    /// <summary>Forgets creates of an earlier run of which nobody knows how they ended: the user has looked.</summary>
    public bool ClearPendingCreates { get; init; }

    /// <summary>After a failure, goes on with what doesn't depend on it.</summary>
    public bool ContinueOnError { get; init; }

    /// <summary>Of an import: what to take over.</summary>
    public ImmutableArray<ImportRequest> Imports { get; init; } = [];

    /// <summary>From it providers take their random names: with the same one, an update makes what its preview showed.</summary>
    public ReadOnlyMemory<byte> Seed { get; init; } = RandomNumberGenerator.GetBytes(32);

    /// <summary>Ends the deployment at the next step, what is under way being told so and waited for.</summary>
    public CancellationToken Stop { get; init; }

    /// <summary>Ends it where it stands: what is under way becomes a pending operation of the state.</summary>
    public CancellationToken Abandon { get; init; }
}
