using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Pulumi.Blanket.Engine.States;

/// <summary>Who holds a stack's lock, as Pulumi writes it (pulumi/pulumi, <c>pkg/backend/diy/lock.go</c>).</summary>
internal sealed record LockHolder(int Pid, string UserName, string HostName, DateTimeOffset Timestamp)
{
    // A process's start is known to a hundredth of a second, and from a clock that may have been set since.
    private static readonly TimeSpan ClockError = TimeSpan.FromSeconds(5);

    /// <summary>True when it is a process of this host, and that process is certainly not there any more.</summary>
    public bool IsGone
    {
        get
        {
            if (HostName != ThisHost() || Pid <= 0)
            {
                return false;
            }

            try
            {
                using var process = Process.GetProcessById(Pid);
                return process.StartTime.ToUniversalTime() > Timestamp.UtcDateTime + ClockError;
            }
            catch (ArgumentException)
            {
                return true;
            }
            catch (Exception fault) when (fault is InvalidOperationException or System.ComponentModel.Win32Exception)
            {
                // It ended while it was looked at, or is not to be looked at: the next attempt will tell.
                return false;
            }
        }
    }

    public static LockHolder Current(TimeProvider time) => new(Environment.ProcessId, Environment.UserName, ThisHost(), time.GetUtcNow());

    /// <exception cref="JsonException">It is no lock.</exception>
    public static LockHolder Parse(byte[] json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var root = document.RootElement;
            return new LockHolder(
                root.GetProperty("pid").GetInt32(), root.GetProperty("username").GetString() ?? "", root.GetProperty("hostname").GetString() ?? "", root.GetProperty("timestamp").GetDateTimeOffset());
        }
        catch (Exception fault) when (fault is KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new JsonException("no lock", fault);
        }
    }

    public byte[] ToJson()
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter json = new(buffer, CheckpointFormat.Compact))
        {
            json.WriteStartObject();
            json.WriteNumber("pid", Pid);
            json.WriteString("username", UserName);
            json.WriteString("hostname", HostName);
            json.WriteString("timestamp", CheckpointFormat.Time(Timestamp));
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    public override string ToString() => $"{UserName}@{HostName} (pid {Pid}) since {Timestamp.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture)}";

    // The whole name, as Go has it; MachineName ends at the first period.
    private static string ThisHost()
    {
        const string File = "/proc/sys/kernel/hostname";
        return System.IO.File.Exists(File) ? System.IO.File.ReadAllText(File).Trim() : Environment.MachineName;
    }
}
