using Pulumi.Blanket.EndToEnd.Tests.Fabrics;
using Pulumi.Blanket.EndToEnd.Tests.Hosts;
using Pulumi.Blanket.EndToEnd.Tests.Machines;
using Pulumi.Blanket.EndToEnd.Tests.Moving;
using Pulumi.Blanket.EndToEnd.Tests.Support;
using Xunit.Sdk;
using Xunit.v3;

[assembly: TestCollectionOrderer(typeof(LongestFirst))]

namespace Pulumi.Blanket.EndToEnd.Tests.Support;

/// <summary>The labs whose tests take longest begin: one that was left to the end would have the processors to itself, and mostly wait.</summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    private static readonly string[] Order = [nameof(DepartureLab), nameof(MachineLab), nameof(MovingLab), nameof(FaultyMachineLab), nameof(FabricLab), nameof(HostLab)];

    public IReadOnlyCollection<TTestCollection> OrderTestCollections<TTestCollection>(IReadOnlyCollection<TTestCollection> testCollections)
        where TTestCollection : ITestCollection
        => [.. testCollections.OrderBy(static collection => Array.IndexOf(Order, collection.TestCollectionDisplayName) is >= 0 and var place ? place : Order.Length)];
}
