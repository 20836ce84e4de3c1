using Pulumi.Blanket.Agent.Moving;
using Pulumi.Blanket.Contract;
using Pulumi.Blanket.Libvirt;
using Pulumi.Blanket.Libvirt.Domains;

namespace Pulumi.Blanket.Agent.Tests;

public sealed class ArrivalTests
{
    [Theory]
    [InlineData(DomainState.Paused, (int)PausedReason.Migration, ArrivalState.Standing)]
    [InlineData(DomainState.Paused, (int)PausedReason.PostCopyFailed, ArrivalState.Pulling)]
    [InlineData(DomainState.Running, (int)RunningReason.PostCopy, ArrivalState.Pulling)]
    [InlineData(DomainState.Running, (int)RunningReason.PostCopyFailed, ArrivalState.Pulling)]
    [InlineData(DomainState.Running, (int)RunningReason.Migrated, ArrivalState.Whole)]
    [InlineData(DomainState.Paused, (int)PausedReason.IoError, ArrivalState.Whole)]
    [InlineData(DomainState.ShutOff, (int)ShutOffReason.Crashed, ArrivalState.Whole)]
    public void WhatRanAtTheTargetIsToldFromWhatDidNot(DomainState state, int reason, ArrivalState expected) => Assert.Equal(expected, Arrival.Of(new DomainStatus(state, reason)));
}
