using Pulumi.Blanket.Agent.Moving;
using Pulumi.Blanket.Contract;
using Pulumi.Blanket.Libvirt.Wire;

namespace Pulumi.Blanket.Agent.Tests;

/// <summary>What the account may ask of a move: numbers out of their range are told, all of them, before anything is begun.</summary>
public sealed class MoveRequestCheckTests
{
    private static MoveRequest Sound => new() { Uuid = "08b96858-39ad-4f89-93c1-eaba92250233", Target = "b", SettledHost = "gcp-1", Options = new MoveOptions { DowntimeMs = 300, TimeoutSeconds = 600 } };

    [Fact]
    public void ASoundOneIsTaken() => MoveRequestCheck.Check(Sound);

    [Fact]
    public void WhatIsOutOfRangeIsToldAtOnce()
    {
        var request = Sound;
        request.Uuid = "x";
        request.SettledHost = "\ufffe";
        request.Options = new MoveOptions { Mode = (MoveMode)9, BandwidthMibps = -1, DowntimeMs = long.MaxValue, TimeoutSeconds = long.MaxValue, Connections = 1000 };
        var fault = Assert.Throws<AgentException>(() => MoveRequestCheck.Check(request));
        Assert.Equal(AgentFault.BadRequest, fault.Fault);
        foreach (var part in new[] { "'x' is no UUID", "no name", "mode", "bandwidthMiBps is -1", "downtimeMs", "timeoutSeconds", "connections is 1000" })
        {
            Assert.Contains(part, fault.Message, StringComparison.Ordinal);
        }
    }
}
