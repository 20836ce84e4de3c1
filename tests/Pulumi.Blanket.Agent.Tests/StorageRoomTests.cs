using CsCheck;
using Pulumi.Blanket.Agent.Images;
using Pulumi.Blanket.Agent.Storage;

namespace Pulumi.Blanket.Agent.Tests;

/// <summary>How a host's disk is divided: whatever images do, what was promised to VMs is there when they fill it.</summary>
public sealed class StorageRoomTests
{
    private const long Gib = 1L << 30;

    [Fact]
    public void ImagesGetWhatNobodyWasPromised()
    {
        var room = StorageRoom.Of(100 * Gib, 60 * Gib, [(20 * Gib, 5 * Gib), (10 * Gib, 0)]);
        Assert.Equal(4 * Gib, room.ReserveBytes);
        Assert.Equal((60 - 15 - 10 - 4) * Gib, room.ImageBytes);
        Assert.Equal((60 + 5 - 4) * Gib, room.VmBytes);
    }

    [Fact]
    public void AFullDiskHasRoomForNothing()
    {
        var room = StorageRoom.Of(20 * Gib, Gib / 2, [(10 * Gib, 2 * Gib)]);
        Assert.Equal(0, room.ImageBytes);
        Assert.Equal(Gib + (Gib / 2), room.VmBytes);
        Assert.Equal(1, room.CapacityGib(null));
    }

    [Fact]
    public void WhatTakesMoreThanItWasPromisedTakesNothingFromOthers()
        => Assert.Equal(5 * Gib, StorageRoom.Of(100 * Gib, 60 * Gib, [(Gib, 3 * Gib), (5 * Gib, 0)]).UnfilledBytes);

    [Fact]
    public void LessIsToldAtOnceAndMoreOnceItIsMoreForCertain()
    {
        Assert.Equal(9, At(9.9).CapacityGib(10));
        Assert.Equal(9, At(10.1).CapacityGib(9));
        Assert.Equal(10, At(10.3).CapacityGib(9));
        Assert.Equal(10, At(10.1).CapacityGib(10));

        static StorageRoom At(double gib) => StorageRoom.Of(100 * Gib, (long)((gib + 4) * Gib), []);
    }

    [Fact]
    public void GuestsThatFillTheirDisksFindRoom() => Gen.Select(Gen.Long[0, 200], Gen.Long[0, 200], Gen.Select(Gen.Long[0, 40], Gen.Long[0, 40]).Array[0, 6]).Sample((total, free, disks) =>
    {
        free = Math.Min(free, total);
        var room = StorageRoom.Of(total * Gib, free * Gib, disks.Select(disk => (disk.Item1 * Gib, disk.Item2 * Gib)));
        var unfilled = disks.Sum(disk => Math.Max(0, disk.Item1 - disk.Item2)) * Gib;

        // Images take all that they may, then guests fill what they have.
        Assert.True(room.ImageBytes == 0 || (free * Gib) - room.ImageBytes - unfilled >= room.ReserveBytes);

        // More is promised, up to what is told, and all of it is filled.
        var promised = disks.Sum(disk => Math.Max(disk.Item1, disk.Item2)) * Gib;
        var more = (room.CapacityGib(null) * Gib) - promised;
        Assert.True(more <= 0 || (free * Gib) - unfilled - more >= 0);
    });
}
