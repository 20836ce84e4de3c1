using CsCheck;
using Pulumi.Blanket.Agent.Machine;

namespace Pulumi.Blanket.Agent.Tests;

/// <summary>Lines of ours in somebody else's file come and go, and the rest stays as it was.</summary>
public sealed class MarkedBlockTests
{
    [Fact]
    public void WhatWasThereIsThereAgain() => Gen.Select(Gen.String[Gen.Char["ab\n# ="], 0, 60], Gen.String[Gen.Char["xy ="], 1, 9].List[1, 3]).Sample((text, lines) =>
    {
        var put = MarkedBlock.Put(text, lines);
        Assert.Contains(lines[0], put, StringComparison.Ordinal);
        Assert.Equal(put, MarkedBlock.Put(put, lines));
        Assert.Equal(text, MarkedBlock.Put(put, []));
    });
}
