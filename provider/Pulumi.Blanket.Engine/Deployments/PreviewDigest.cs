using System.Collections.Immutable;
using System.Text.Json;
using Pulumi.Blanket.Engine.Plugins;
using Pulumi.Blanket.Engine.States;
using Pulumi.Blanket.Protocol.Contract;
using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.Engine.Deployments;

/// <summary>
/// A preview as JSON, in the form of <c>pulumi preview --json</c> (pulumi/pulumi, <c>pkg/backend/display/json.go</c>): steps, messages, and how many
/// resources come to what. Secrets are <c>[secret]</c>.
/// </summary>
public sealed class PreviewDigest : IDeploymentObserver
{
    private const string Hidden = "[secret]";

    private readonly Lock _lock = new();
    private readonly List<Step> _steps = [];
    private readonly List<DeploymentMessage> _messages = [];

    public void StepStarted(Step step)
    {
        if (IsShown(step))
        {
            lock (_lock)
            {
                _steps.Add(step);
            }
        }
    }

    public void StepDone(Step step, TimeSpan duration)
    {
    }

    public void StepFailed(Step step, TimeSpan duration)
    {
    }

    public void MessageCame(DeploymentMessage message)
    {
        if (!message.IsEphemeral && message.Severity != MessageSeverity.Debug)
        {
            lock (_lock)
            {
                _messages.Add(message);
            }
        }
    }

    public void OutputsRegistered(ResourceState resource)
    {
    }

    /// <param name="result">Null where the preview came to no end.</param>
    public void Write(Stream stream, DeploymentResult? result, TimeSpan duration)
    {
        using Utf8JsonWriter json = new(stream, CheckpointFormat.Indented);
        lock (_lock)
        {
            json.WriteStartObject();
            json.WriteStartArray("steps");
            foreach (var step in _steps)
            {
                WriteStep(json, step);
            }

            json.WriteEndArray();
            WriteMessages(json);
            json.WriteNumber("duration", (long)duration.TotalNanoseconds);
            json.WriteStartObject("changeSummary");
            foreach (var (operation, count) in (result?.Changes ?? ImmutableSortedDictionary<StepOperation, int>.Empty).OrderBy(change => NameOf(change.Key), StringComparer.Ordinal))
            {
                json.WriteNumber(NameOf(operation), count);
            }

            json.WriteEndObject();
            json.WriteEndObject();
        }
    }

    /// <summary>The operation's name in Pulumi's JSON.</summary>
    public static string NameOf(StepOperation operation) => operation switch
    {
        StepOperation.CreateReplacement => "create-replacement",
        StepOperation.DeleteReplaced => "delete-replaced",
        StepOperation.ReadReplacement => "read-replacement",
        StepOperation.ReadDiscard => "discard",
        StepOperation.RemovePendingReplace => "remove-pending-replace",
        StepOperation.ImportReplacement => "import-replacement",
        _ => operation.ToString().ToLowerInvariant(),
    };

    // What Pulumi leaves out: what stays as it is, and the parts of a replacement.
    private static bool IsShown(Step step) => !step.IsDefaultProvider && step.Operation switch
    {
        StepOperation.Same => step.Any.Type == Urn.StackType,
        StepOperation.CreateReplacement or StepOperation.DeleteReplaced or StepOperation.Read or StepOperation.ReadReplacement or StepOperation.ReadDiscard => false,
        _ => true,
    };

    private static void WriteStep(Utf8JsonWriter json, Step step)
    {
        json.WriteStartObject();
        json.WriteString("op", NameOf(step.Operation));
        json.WriteString("urn", step.Urn);
        if (step.Any.Provider.Length > 0)
        {
            json.WriteString("provider", step.Any.Provider);
        }

        WriteState(json, "oldState", step.Old);

        // As it is when the step begins: nobody knows yet what it will come to.
        var isPlan = step.Operation is StepOperation.Same or StepOperation.Update;
        WriteState(json, "newState", isPlan && step.New is { } state ? state with { Id = "", Outputs = ObjectValue.Empty } : step.New);
        WriteKeys(json, "diffReasons", step.Diff?.ChangedKeys ?? []);
        WriteKeys(json, "replaceReasons", step.Diff?.ReplaceKeys ?? []);
        WriteDetails(json, step.Operation == StepOperation.Refresh ? null : step.Diff);
        json.WriteEndObject();
    }

    private static void WriteState(Utf8JsonWriter json, string name, ResourceState? state)
    {
        if (state is not null)
        {
            json.WritePropertyName(name);
            ResourceFields.Write(json, state with { Inputs = Hide(state.Inputs), Outputs = Hide(state.Outputs) }, new StateValueWriter(json, (_, _) => { }));
        }
    }

    private static ObjectValue Hide(ObjectValue value) => value.ContainsSecret
        ? new ObjectValue(value.Properties.Select(property => KeyValuePair.Create(property.Key, Hide(property.Value))))
        : value;

    private static PropertyValue Hide(PropertyValue value) => value switch
    {
        SecretValue => Hidden,
        ObjectValue properties => Hide(properties),
        ArrayValue array => new ArrayValue([.. array.Items.Select(Hide)]),
        _ => value,
    };

    private static void WriteKeys(Utf8JsonWriter json, string name, IReadOnlyCollection<string> keys)
    {
        if (keys.Count == 0)
        {
            return;
        }

        json.WriteStartArray(name);
        foreach (var key in keys)
        {
            json.WriteStringValue(key);
        }

        json.WriteEndArray();
    }

    private static void WriteDetails(Utf8JsonWriter json, ResourceDiff? diff)
    {
        if (diff?.Details is not { Count: > 0 } details)
        {
            json.WriteNull("detailedDiff");
            return;
        }

        json.WriteStartObject("detailedDiff");
        foreach (var (path, change) in details)
        {
            json.WriteStartObject(path);
            json.WriteString("kind", change.Kind switch
            {
                PropertyDiff.Types.Kind.Add => "add",
                PropertyDiff.Types.Kind.AddReplace => "add-replace",
                PropertyDiff.Types.Kind.Delete => "delete",
                PropertyDiff.Types.Kind.DeleteReplace => "delete-replace",
                PropertyDiff.Types.Kind.UpdateReplace => "update-replace",
                _ => "update",
            });
            json.WriteBoolean("inputDiff", change.InputDiff);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private void WriteMessages(Utf8JsonWriter json)
    {
        if (_messages.Count == 0)
        {
            return;
        }

        json.WriteStartArray("diagnostics");
        foreach (var message in _messages)
        {
            json.WriteStartObject();
            if (message.Urn.Length > 0)
            {
                json.WriteString("urn", message.Urn);
            }

            json.WriteString("message", message.Text.TrimEnd('\n') + "\n");
            json.WriteString("severity", message.Severity.ToString().ToLowerInvariant());
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
