namespace Pulumi.Blanket.Benchmarks;

/// <summary>Measures figures. To add one: implement this, and list it in <c>Program.cs</c>.</summary>
internal interface IBenchmark
{
    /// <summary>By which the command line chooses it.</summary>
    string Name { get; }

    /// <summary>Why it can't be measured here; null where it can.</summary>
    string? Obstacle => null;

    Task<IReadOnlyList<Figure>> MeasureAsync(CancellationToken cancellationToken);
}
