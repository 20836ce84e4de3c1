using System.Buffers;
using System.Globalization;
using System.Text.Json;

namespace Pulumi.Blanket.Engine.States;

public sealed partial class FileBackend
{
    /// <summary>Adds an update that ended to the stack's history, with the state as it is now, and keeps that state as a backup.</summary>
    /// <exception cref="EngineException">The folder can't be written.</exception>
    public void AddHistory(StackReference stack, UpdateRecord update)
        => InFolder(() =>
        {
            var now = UnixNanoseconds();
            var stem = Path.Combine(HistoryFolder(stack), $"{stack.Stack}-{now}");
            new WholeFile($"{stem}.history.json").Write(ToJson(update));
            if (FindState(stack) is { } state)
            {
                var extension = state[StatePath(stack)[..^JsonExtension.Length].Length..];
                File.Copy(state, $"{stem}.checkpoint{extension}");
                var backups = Path.Combine(_folder, "backups", stack.Project, stack.Stack);
                StateFolder.Make(backups);
                File.Copy(state, Path.Combine(backups, $"{stack.Stack}.{now}{extension}"));
            }

            return 0;
        });

    private static byte[] ToJson(UpdateRecord update)
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter json = new(buffer, CheckpointFormat.Compact))
        {
            json.WriteStartObject();
            json.WriteString("kind", update.Kind);
            json.WriteNumber("startTime", update.Start.ToUnixTimeSeconds());
            json.WriteString("message", update.Message);
            json.WriteStartObject("environment");
            foreach (var (name, value) in update.Environment)
            {
                json.WriteString(name, value);
            }

            json.WriteEndObject();
            json.WritePropertyName("config");
            json.WriteRawValue(update.ConfigJson);
            json.WriteString("result", update.Result);
            json.WriteNumber("endTime", update.End.ToUnixTimeSeconds());

            // Pulumi counts versions only in its own service.
            json.WriteNumber("version", 0);
            if (update.ResourceChanges.Count > 0)
            {
                json.WriteStartObject("resourceChanges");
                foreach (var (kind, count) in update.ResourceChanges)
                {
                    json.WriteNumber(kind, count);
                }

                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    private string HistoryFolder(StackReference stack) => Path.Combine(_folder, "history", stack.Project, stack.Stack);

    private string UnixNanoseconds() => ((_time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * 100).ToString(CultureInfo.InvariantCulture);
}
