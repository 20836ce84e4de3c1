using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Pulumi.Blanket.Libvirt;
using Pulumi.Blanket.Libvirt.Domains;
using Pulumi.Blanket.Libvirt.Errors;

namespace Pulumi.Blanket.Agent.Machines;

/// <summary>What the agent inside a guest is asked (QEMU's guest agent, docs/interop/qemu-ga-ref of QEMU).</summary>
internal static class GuestAgent
{
    private const int PatienceSeconds = 1;

    // A guest that was just woken has more to do first, and a clock that stays wrong is worse than a wait. Without an agent libvirt answers at once.
    private const int ClockAttempts = 5;
    private const int ClockPatienceSeconds = 2;
    private const long ClockToleranceNanoseconds = 2_000_000_000;

    /// <summary>The guest's addresses but the loopback's and link-local ones; none where its agent does not answer.</summary>
    public static async Task<IReadOnlyList<string>> ReadAddressesAsync(LibvirtClient libvirt, DomainReference domain, CancellationToken cancellationToken)
    {
        string? answer;
        try
        {
            answer = await libvirt.CallAgentAsync(domain, """{"execute":"guest-network-get-interfaces"}""", PatienceSeconds, cancellationToken);
        }
        catch (LibvirtException)
        {
            return []; // it just went, or hangs; nobody depends on it
        }

        return answer is null ? [] : Parse(answer);
    }

    /// <summary>Sets the guest's clock, which stood still while it was paused.</summary>
    /// <returns>Why it may be wrong still; null where it is right.</returns>
    public static async Task<string?> SetClockAsync(LibvirtClient libvirt, DomainReference domain, CancellationToken cancellationToken)
    {
        string? reason = null;
        for (var attempt = 0; attempt < ClockAttempts; attempt++)
        {
            try
            {
                await libvirt.CallAgentAsync(domain, string.Create(CultureInfo.InvariantCulture, $$$"""{"execute":"guest-set-time","arguments":{"time":{{{UnixNanoseconds()}}}}}"""), ClockPatienceSeconds, cancellationToken);
                return null;
            }
            catch (LibvirtException fault)
            {
                reason = fault.LibvirtMessage ?? fault.Message;
                if (fault.Code is not LibvirtErrorCode.AgentUnresponsive)
                {
                    break; // a guest without a clock on its board fails after it has set its own
                }
            }
        }

        return await IsClockRightAsync(libvirt, domain, cancellationToken) ? null : reason;
    }

    private static async Task<bool> IsClockRightAsync(LibvirtClient libvirt, DomainReference domain, CancellationToken cancellationToken)
    {
        try
        {
            using var answer = JsonDocument.Parse(await libvirt.CallAgentAsync(domain, """{"execute":"guest-get-time"}""", PatienceSeconds, cancellationToken) ?? "null");
            return Math.Abs(UnixNanoseconds() - answer.RootElement.GetProperty("return").GetInt64()) < ClockToleranceNanoseconds;
        }
        catch (Exception fault) when (fault is LibvirtException or JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            return false;
        }
    }

    private static long UnixNanoseconds() => (TimeProvider.System.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick;

    /// <summary>A guest says what it wants: anything that is not as it should be is left out.</summary>
    internal static IReadOnlyList<string> Parse(string answer)
    {
        try
        {
            using var document = JsonDocument.Parse(answer);
            List<string> addresses = [];
            foreach (var card in document.RootElement.GetProperty("return").EnumerateArray())
            {
                if (!card.TryGetProperty("ip-addresses", out var list))
                {
                    continue;
                }

                addresses.AddRange(list.EnumerateArray().Select(entry => entry.GetProperty("ip-address").GetString()).Where(IsUseful).OfType<string>());
            }

            return [.. addresses.Distinct().Take(64)];
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            return [];
        }
    }

    private static bool IsUseful(string? text)
        => IPAddress.TryParse(text, out var address) && !IPAddress.IsLoopback(address) && !address.IsIPv6LinkLocal
            && !(address.AddressFamily == AddressFamily.InterNetwork && address.GetAddressBytes() is [169, 254, ..]);
}
