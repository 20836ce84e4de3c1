using Pulumi.Blanket.Agent.Moving;

namespace Pulumi.Blanket.Agent.Tests;

/// <summary>When libvirt has ended a machine's QEMU because the machine is elsewhere: of the last QEMU, and of nothing that QEMU or a guest writes.</summary>
public sealed class QemuLogTests
{
    private const string Start = "2026-11-29 05:44:13.613+0000: starting up libvirt version: 9.0.0, package: 9.0.0-4, qemu version: 7.2.22\nLC_ALL=C \\\n/usr/bin/qemu-system-x86_64 \\\n-msg timestamp=on\n";
    private const string Copy = "2026-11-29 05:44:15.620+0000: initiating migration\n";
    private const string Migrated = "2026-11-29 05:44:17.262+0000: shutting down, reason=migrated\n";
    private const string Signal = "2026-11-29T05:44:17.263400Z qemu-system-x86_64: terminating on signal 15 from pid 246 (/usr/sbin/libvirtd)\n";
    private const string Shutdown = "2026-11-29 05:44:17.262+0000: shutting down, reason=shutdown\n";

    [Theory]
    [InlineData(true, Start + Copy + Migrated + Signal)]
    [InlineData(true, Start + Copy + Copy + Migrated)]
    [InlineData(false, Start + Copy)]
    [InlineData(false, Start + Copy + Shutdown)]
    [InlineData(false, Start + Copy + Migrated + Start)]
    [InlineData(false, Start + Copy + Migrated + Start + Copy)]
    [InlineData(false, Start + Copy + Migrated + Start + Copy + Shutdown)]
    [InlineData(false, Start + Migrated)]
    [InlineData(true, Copy + Migrated)]
    [InlineData(false, Migrated + Copy)]
    [InlineData(false, Migrated)]
    [InlineData(false, Start + Copy + "a guest says " + Migrated)]
    [InlineData(false, "")]
    public void OnlyTheEndOfTheLastCopyCounts(bool expected, string log) => Assert.Equal(expected, QemuLog.SaysMigrated(log, new DateTime(2026, 11, 29, 5, 44, 10, DateTimeKind.Utc)));

    [Theory]
    [InlineData("", "")]
    [InlineData("", Start + Shutdown)]
    [InlineData("", "2026-11-29T09:48:04.222813Z qemu-system-x86_64: load of migration failed: Input/output error\n")]
    [InlineData("Unknown savevm section type 126; load of migration failed: Invalid argument",
        Start + "2026-11-29T09:48:04.222689Z qemu-system-x86_64: Unknown savevm section type 126\n2026-11-29T09:48:04.222813Z qemu-system-x86_64: load of migration failed: Invalid argument\n" + Shutdown)]
    [InlineData("load of migration failed: Invalid argument", "2026-11-29T09:48:04.222813Z qemu-system-x86_64: load of migration failed: Invalid argument\n")]
    public void WhatATargetDoesNotUnderstandIsTold(string expected, string log) => Assert.Equal(expected, QemuLog.Refusal(log));

    [Fact]
    public void WhatAnEarlierMoveLeftDoesNotCount() => Assert.False(QemuLog.SaysMigrated(Start + Copy + Migrated, new DateTime(2026, 11, 29, 5, 44, 16, DateTimeKind.Utc)));
}
