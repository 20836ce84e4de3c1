namespace Pulumi.Blanket.Engine.Projects;

/// <summary>Keys of settings: <c>namespace:name</c>.</summary>
public static class ConfigKey
{
    /// <summary>The full key; one without a namespace is the project's.</summary>
    /// <exception cref="EngineException">It is no key.</exception>
    public static string Full(string key, string project)
    {
        var parts = key.Split(':');

        // As Pulumi once wrote them: <namespace>:config:<name>.
        if (parts is [var space, "config", var old])
        {
            parts = [space, old];
        }

        return parts switch
        {
            [{ Length: > 0 } name] => $"{project}:{name}",
            [{ Length: > 0 }, { Length: > 0 }] => $"{parts[0]}:{parts[1]}",
            _ => throw new EngineException(EngineFailure.InvalidInput, $"'{key}' is no key of a setting; write <name>, or <namespace>:<name>"),
        };
    }
}
