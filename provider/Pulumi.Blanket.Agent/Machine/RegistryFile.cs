using Google.Protobuf;

namespace Pulumi.Blanket.Agent.Machine;

/// <summary>A message kept in a file as JSON, for people to read, whole after a power cut.</summary>
internal static class RegistryFile
{
    private static readonly JsonFormatter Formatter = new(JsonFormatter.Settings.Default.WithIndentation());

    /// <summary>Unknown fields are those of a newer agent.</summary>
    private static readonly JsonParser Parser = new(JsonParser.Settings.Default.WithIgnoreUnknownFields(true));

    /// <returns>The message, or null where there is no such file.</returns>
    /// <exception cref="AgentException">The file is there and can't be read: somebody wrote into it, or the disk lost it.</exception>
    public static T? Read<T>(string path)
        where T : class, IMessage<T>, new()
    {
        try
        {
            return File.Exists(path) ? Parser.Parse<T>(File.ReadAllText(path)) : null;
        }
        catch (Exception fault) when (fault is InvalidProtocolBufferException or InvalidJsonException or IOException or UnauthorizedAccessException or System.Text.DecoderFallbackException)
        {
            throw new AgentException(AgentFault.NotPossible, $"{path} is damaged ({fault.Message}); restore it from a backup: without it the agent does not know what on this host is ours", fault);
        }
    }

    public static void Write(string path, IMessage message) => DurableFile.Write(path, Formatter.Format(message) + "\n", DurableFile.Private);
}
