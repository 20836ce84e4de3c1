namespace Pulumi.Blanket.Provider;

/// <summary>Texts inside the program.</summary>
internal static class EmbeddedFiles
{
    /// <summary>The schema as it is committed.</summary>
    public static string ReadSchema() => Find("schema.json") ?? throw new InvalidOperationException("the program was built without its schema");

    /// <summary>What stands in a resource's or function's folder about it, in Markdown; null where nothing does.</summary>
    public static string? ReadDocs(Type type, string name) => Find($"docs/{name}.md", type);

    private static string? Find(string name, Type? near = null)
    {
        using var stream = (near ?? typeof(EmbeddedFiles)).Assembly.GetManifestResourceStream(name);
        if (stream is null)
        {
            return null;
        }

        using StreamReader reader = new(stream);
        return reader.ReadToEnd();
    }
}
