using Pulumi.Blanket.Agent.Machines;
using Pulumi.Blanket.Agent.Registry;
using Pulumi.Blanket.Contract;

namespace Pulumi.Blanket.Agent.Moving;

/// <summary>Whether a request is one for a move at all. The fabric's key is enough to ask.</summary>
internal static class MoveRequestCheck
{
    private const long MostBandwidthMibps = 1 << 20;
    private const long MostDowntimeMs = 2_000_000; // libvirt's own limit
    private const long MostTimeoutSeconds = 30L * 24 * 60 * 60;
    private const int MostConnections = 255; // QEMU's own limit

    /// <exception cref="AgentException">It is none; the message tells all that is wrong with it.</exception>
    public static void Check(MoveRequest request)
    {
        RequestFaults faults = new();
        faults.Expect(RegistryCheck.IsUuid(request.Uuid), $"'{request.Uuid}' is no UUID of a VM");
        faults.Expect(request.Target.Length > 0, "it names no target");
        faults.Expect(MachineRequestCheck.IsPlainOrEmpty(request.SettledHost), "its host is no name");
        if (request.Options is { } options)
        {
            faults.Expect(Enum.IsDefined(options.Mode) && Enum.IsDefined(options.PostCopy), "its mode is none");
            faults.Expect(options.BandwidthMibps is >= 0 and <= MostBandwidthMibps, $"bandwidthMiBps is {options.BandwidthMibps}; it is from 0 to {MostBandwidthMibps}");
            faults.Expect(options.DowntimeMs is >= 0 and <= MostDowntimeMs, $"downtimeMs is {options.DowntimeMs}; it is from 0 to {MostDowntimeMs}");
            faults.Expect(options.TimeoutSeconds is >= 0 and <= MostTimeoutSeconds, $"timeoutSeconds is {options.TimeoutSeconds}; it is from 0 to {MostTimeoutSeconds}");
            faults.Expect(options.Connections is >= 0 and <= MostConnections, $"connections is {options.Connections}; it is from 0 to {MostConnections}");
        }

        faults.ThrowIfAny("this is no move");
    }
}
