using Pulumi.Blanket.Agent.Machine;

namespace Pulumi.Blanket.Agent.Tests;

/// <summary>What the kernel says of a process's memory, as it writes it.</summary>
public sealed class MemoryMappingTests
{
    [Fact]
    public void WhatWasWrittenIsTold()
    {
        string[] lines =
        [
            "50000000-5001f000 r-xp 0001f000 fe:00 1234                       /opt/a program",
            "Size:                124 kB", "Anonymous:             0 kB", "VmFlags: rd ex mr mw me",
            "5001f000-50020000 r--p 00000000 fe:00 1234                       /opt/a program",
            "Anonymous:             4 kB",
            "70000000-70002000 rw-p 00000000 00:00 0 ",
            "Anonymous:             8 kB",
        ];
        Assert.Equal(
            [
                new MemoryMapping(0x50000000, 0x1f000, false, "/opt/a program", 0),
                new MemoryMapping(0x5001f000, 0x1000, false, "/opt/a program", 4096),
                new MemoryMapping(0x70000000, 0x2000, true, "", 8192),
            ],
            MemoryMapping.Parse(lines));
        Assert.Contains(MemoryMapping.ReadOwn(), mapping => mapping.Path == Environment.ProcessPath);
    }
}
