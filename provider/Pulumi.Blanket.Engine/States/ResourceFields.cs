using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text.Json;

namespace Pulumi.Blanket.Engine.States;

/// <summary>The fields of a resource in a state, in Pulumi's order; each is left out where it says nothing.</summary>
internal static class ResourceFields
{
    public static readonly FrozenSet<string> Known = FrozenSet.ToFrozenSet(
    [
        "urn", "custom", "delete", "id", "type", "inputs", "outputs", "parent", "protect", "taint", "external", "dependencies", "initErrors", "provider",
        "propertyDependencies", "pendingReplacement", "additionalSecretOutputs", "aliases", "customTimeouts", "importID", "retainOnDelete", "deletedWith",
        "replaceWith", "created", "modified", "ignoreChanges", "replaceOnChanges", "refreshBeforeUpdate", "viewOf",
    ]);

    public static void Write(Utf8JsonWriter json, ResourceState resource, StateValueWriter values)
    {
        json.WriteStartObject();
        json.WriteString("urn", resource.Urn);
        json.WriteBoolean("custom", resource.Custom);
        Truth(json, "delete", resource.Delete);
        Text(json, "id", resource.Id);
        json.WriteString("type", resource.Type);
        Properties(json, "inputs", resource.Inputs, values);
        Properties(json, "outputs", resource.Outputs, values);
        Text(json, "parent", resource.Parent);
        Truth(json, "protect", resource.Protect);
        Truth(json, "taint", resource.Taint);
        Truth(json, "external", resource.External);
        Texts(json, "dependencies", resource.Dependencies);
        Texts(json, "initErrors", resource.InitErrors);
        Text(json, "provider", resource.Provider);
        PropertyDependencies(json, resource.PropertyDependencies);
        Truth(json, "pendingReplacement", resource.PendingReplacement);
        Texts(json, "additionalSecretOutputs", resource.AdditionalSecretOutputs);
        Texts(json, "aliases", resource.Aliases);
        Timeouts(json, resource.CustomTimeouts);
        Text(json, "importID", resource.ImportId);
        Truth(json, "retainOnDelete", resource.RetainOnDelete);
        Text(json, "deletedWith", resource.DeletedWith);
        Texts(json, "replaceWith", resource.ReplaceWith);
        Time(json, "created", resource.Created);
        Time(json, "modified", resource.Modified);
        foreach (var (name, field) in resource.Others)
        {
            json.WritePropertyName(name);
            field.WriteTo(json);
        }

        Texts(json, "ignoreChanges", resource.IgnoreChanges);
        Texts(json, "replaceOnChanges", resource.ReplaceOnChanges);
        Truth(json, "refreshBeforeUpdate", resource.RefreshBeforeUpdate);
        Text(json, "viewOf", resource.ViewOf);
        json.WriteEndObject();
    }

    private static void Properties(Utf8JsonWriter json, string name, Protocol.Values.ObjectValue properties, StateValueWriter values)
    {
        if (properties.Properties.Count > 0)
        {
            json.WritePropertyName(name);
            values.Write(properties);
        }
    }

    // Each list stands there even where it is empty: it says that the property depends on nothing.
    private static void PropertyDependencies(Utf8JsonWriter json, ImmutableSortedDictionary<string, ImmutableArray<string>>? dependencies)
    {
        if (dependencies is not { Count: > 0 })
        {
            return;
        }

        json.WriteStartObject("propertyDependencies");
        foreach (var (name, urns) in dependencies)
        {
            json.WriteStartArray(name);
            foreach (var urn in urns)
            {
                json.WriteStringValue(urn);
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    private static void Timeouts(Utf8JsonWriter json, CustomTimeouts timeouts)
    {
        if (timeouts == CustomTimeouts.None)
        {
            return;
        }

        json.WriteStartObject("customTimeouts");
        foreach (var (name, seconds) in ((string, double)[])[("create", timeouts.Create), ("update", timeouts.Update), ("delete", timeouts.Delete), ("read", timeouts.Read)])
        {
            if (seconds != 0)
            {
                json.WriteNumber(name, seconds);
            }
        }

        json.WriteEndObject();
    }

    private static void Truth(Utf8JsonWriter json, string name, bool truth)
    {
        if (truth)
        {
            json.WriteBoolean(name, true);
        }
    }

    private static void Text(Utf8JsonWriter json, string name, string text)
    {
        if (text.Length > 0)
        {
            json.WriteString(name, text);
        }
    }

    private static void Time(Utf8JsonWriter json, string name, DateTimeOffset? time)
    {
        if (time is { } moment)
        {
            json.WriteString(name, CheckpointFormat.Time(moment));
        }
    }

    private static void Texts(Utf8JsonWriter json, string name, ImmutableArray<string> texts)
    {
        if (texts.IsDefaultOrEmpty)
        {
            return;
        }

        json.WriteStartArray(name);
        foreach (var text in texts)
        {
            json.WriteStringValue(text);
        }

        json.WriteEndArray();
    }
}
