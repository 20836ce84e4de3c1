using System.Buffers;
using System.Collections.Immutable;
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

    /// <summary>The stack's updates, the last one first; what can't be read of them is left out.</summary>
    public ImmutableArray<UpdateRecord> History(StackReference stack)
        => InFolder(() => !Directory.Exists(HistoryFolder(stack)) ? [] : Directory.EnumerateFiles(HistoryFolder(stack), $"{stack.Stack}-*.history.json")
            .OrderDescending(StringComparer.Ordinal).Select(ReadUpdate).OfType<UpdateRecord>().ToImmutableArray());

    private static UpdateRecord? ReadUpdate(string file)
    {
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(file));
            var update = document.RootElement;
            string Text(string name) => update.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
            DateTimeOffset Time(string name) => DateTimeOffset.FromUnixTimeSeconds(update.TryGetProperty(name, out var value) && value.TryGetInt64(out var seconds) ? seconds : 0);
            return new UpdateRecord(
                Text("kind"), Time("startTime"), Time("endTime"), Text("result"),
                update.TryGetProperty("resourceChanges", out var changes) && changes.ValueKind == JsonValueKind.Object
                    ? changes.EnumerateObject().ToImmutableSortedDictionary(change => change.Name, change => change.Value.TryGetInt32(out var count) ? count : 0, StringComparer.Ordinal)
                    : ImmutableSortedDictionary<string, int>.Empty)
            {
                Message = Text("message"),
            };
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException or ArgumentOutOfRangeException)
        {
            return null;
        }
    }

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
