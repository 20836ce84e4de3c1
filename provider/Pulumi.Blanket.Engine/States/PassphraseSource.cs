using System.Collections.Concurrent;

namespace Pulumi.Blanket.Engine.States;

/// <summary>Where a stack's passphrase comes from; asked only when a secret is read or written.</summary>
/// <param name="variable">An environment variable's value; null where it is not set.</param>
/// <param name="ask">Asks the user, given the words to show; null where nobody can be asked. An answer of null is a refusal.</param>
public sealed class PassphraseSource(Func<string, string?> variable, Func<string, string?>? ask = null)
{
    public const string Variable = "PULUMI_CONFIG_PASSPHRASE";
    public const string FileVariable = "PULUMI_CONFIG_PASSPHRASE_FILE";

    private readonly Lock _lock = new();
    private string? _asked;

    /// <summary>The environment's variables, and nobody to ask.</summary>
    public static PassphraseSource FromEnvironment { get; } = new(Environment.GetEnvironmentVariable);

    /// <summary>By salt, what was opened with it.</summary>
    internal ConcurrentDictionary<string, PassphraseSecrets> Opened { get; } = new(StringComparer.Ordinal);

    /// <exception cref="EngineException">There is none, or its file can't be read.</exception>
    public string Read()
    {
        // Empty but set is a passphrase.
        if (variable(Variable) is { } passphrase)
        {
            return passphrase;
        }

        if (variable(FileVariable) is { Length: > 0 } file)
        {
            try
            {
                return File.ReadAllText(file).Trim();
            }
            catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or ArgumentException)
            {
                throw new EngineException(EngineFailure.Secrets, $"the passphrase's file {file} ({FileVariable}) could not be read: {fault.Message}", fault);
            }
        }

        // Two stacks, or a state and its settings, ask once.
        lock (_lock)
        {
            return _asked ??= ask?.Invoke($"Passphrase of the stack's secrets ({Variable} or {FileVariable} give it without a question)")
                ?? throw new EngineException(EngineFailure.Secrets, $"the stack's secrets need a passphrase, and none is known; set {Variable} (it may be empty), or {FileVariable} to a file that has it");
        }
    }
}
