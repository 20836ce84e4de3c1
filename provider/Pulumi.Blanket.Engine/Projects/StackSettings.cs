using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Pulumi.Blanket.Engine.Programs;
using Pulumi.Blanket.Engine.States;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Pulumi.Blanket.Engine.Projects;

/// <summary>
/// A stack's settings, <c>Pulumi.&lt;stack&gt;.yaml</c>: read, changed entry by entry with comments kept, and written back. Nothing is on
/// disk before <see cref="Save"/>.
/// </summary>
public sealed class StackSettings
{
    /// <summary>What is shown for a secret that is not opened.</summary>
    public const string Hidden = "[secret]";

    private const string ConfigEntry = "config";
    private const string SaltEntry = "encryptionsalt";
    private const char ByteOrderMark = '\ufeff';

    // Throws: what would be read as a replacement sign would be written as one.
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly string _project;
    private readonly bool _hasMark;
    private YamlText _yaml;

    private StackSettings(string file, string project, bool hasMark, YamlText yaml)
    {
        File = file;
        _hasMark = hasMark;
        _project = project;
        _yaml = yaml;
    }

    public string File { get; }

    /// <summary>What the secrets are sealed with; null where there are none yet.</summary>
    public string? EncryptionSalt => Text(SaltEntry);

    private YamlMappingNode? Config => Child(ConfigEntry) as YamlMappingNode;

    /// <summary>Reads a stack's settings; a file that is not there is an empty one.</summary>
    /// <param name="project">The project's name, for keys without a namespace.</param>
    /// <exception cref="EngineException">It can't be read, or its secrets are of a provider that is not known here.</exception>
    /// <exception cref="ProgramException">It is wrong, with the place.</exception>
    public static StackSettings Load(string file, string project)
    {
        var text = "";
        var hasMark = false;
        try
        {
            if (System.IO.File.Exists(file))
            {
                text = StrictUtf8.GetString(System.IO.File.ReadAllBytes(file));
                hasMark = text.StartsWith(ByteOrderMark);
            }
        }
        catch (DecoderFallbackException fault)
        {
            throw new EngineException(EngineFailure.InvalidInput, $"the stack's settings {file} are no UTF-8; save them as that", fault);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new EngineException(EngineFailure.InvalidInput, $"the stack's settings {file} could not be read: {fault.Message}", fault);
        }

        StackSettings settings;
        try
        {
            settings = new StackSettings(file, project, hasMark, YamlText.Parse(hasMark ? text[1..] : text));
            _ = settings._yaml.Model();
        }
        catch (YamlException fault)
        {
            throw Wrong(file, fault.Start, fault.InnerException?.Message ?? fault.Message);
        }

        if (settings.Child(ConfigEntry) is { } config && config is not YamlMappingNode)
        {
            throw Wrong(file, config.Start, "`config` is no mapping; it has lines such as `key: value`");
        }

        settings.CheckKeys();
        if (settings.Text("secretsprovider") is var provider && !SecretsProviders.IsPassphrase(provider))
        {
            throw SecretsProviders.Refuse(provider!);
        }

        return settings.Text("encryptedkey") is null ? settings : throw SecretsProviders.Refuse("of an encrypted key");
    }

    /// <summary>What opens the secrets; null where the settings have no salt. The passphrase is asked for when one is opened.</summary>
    public PassphraseSecrets? OpenSecrets(PassphraseSource passphrase) => EncryptionSalt is { } salt ? PassphraseSecrets.Open(salt, passphrase) : null;

    /// <summary>What opens and seals the secrets; a stack that has no salt yet gets one, for which the passphrase is asked at once.</summary>
    /// <param name="known">What the state's secrets are sealed with, where its settings were lost: that is kept.</param>
    public PassphraseSecrets EnsureSecrets(PassphraseSource passphrase, PassphraseSecrets? known = null)
    {
        if (OpenSecrets(passphrase) is { } secrets)
        {
            return secrets;
        }

        secrets = known ?? PassphraseSecrets.Create(passphrase);
        _yaml = _yaml.With([SaltEntry], secrets.Salt);
        return secrets;
    }

    /// <summary>The settings by full key, opened.</summary>
    /// <exception cref="EngineException">A secret can't be opened, or a key is none.</exception>
    public ImmutableSortedDictionary<string, ConfigValue> Open(PassphraseSecrets? secrets) => All((key, value) => Open(key, value, secrets));

    /// <summary>The settings by full key, with <see cref="Hidden"/> for what is secret: no passphrase is needed.</summary>
    public ImmutableSortedDictionary<string, ConfigValue> Hide() => All((_, value) => ConfigNode.Open(value, _ => Hidden));

    /// <summary>One setting, opened; null where there is none. The others may be of a passphrase that is not known.</summary>
    /// <exception cref="EngineException">It is secret and can't be opened, or the key is none.</exception>
    public ConfigValue? Get(string key, PassphraseSecrets? secrets) => Find(key) is var (name, value) ? Open(name, value, secrets) : null;

    /// <summary>The settings by full key as JSON, with secrets sealed: for the history.</summary>
    public string ToSealedJson()
    {
        JsonObject all = [];
        foreach (var (key, value) in Entries())
        {
            all[ConfigKey.Full(key, _project)] = value is YamlScalarNode scalar ? JsonValue.Create(YamlJson.IsNull(scalar) ? "" : scalar.Value) : YamlJson.Convert(value);
        }

        return all.ToJsonString();
    }

    /// <summary>Sets a setting.</summary>
    /// <param name="key">With or without a namespace.</param>
    /// <param name="secrets">Seals the value; null leaves it in the clear.</param>
    public void Set(string key, string value, PassphraseSecrets? secrets = null) => SetNode(key, Node(value, secrets));

    /// <summary>Sets a place inside a setting; what leads there is made. Whole numbers and truths are kept as such.</summary>
    /// <param name="path">Such as <c>name.inner[0]</c>; an index may be one behind the last.</param>
    /// <param name="secrets">Seals the value; null leaves it in the clear.</param>
    /// <exception cref="EngineException">It is no path, or leads through what is no list or map.</exception>
    public void SetPath(string path, string value, PassphraseSecrets? secrets = null)
    {
        var (key, steps) = ConfigPath.Parse(path);
        if (steps.IsEmpty)
        {
            Set(key, value, secrets);
            return;
        }

        var leaf = secrets is not null ? Node(value, secrets)
            : value is "true" or "false" ? JsonValue.Create(value == "true")
            : long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number.ToString(CultureInfo.InvariantCulture) == value ? JsonValue.Create(number)
            : (JsonNode)JsonValue.Create(value);
        SetNode(key, ConfigTree.With(Find(key) is { } entry ? YamlJson.Convert(entry.Value) : null, steps.AsSpan(), leaf, path));
    }

    /// <summary>Removes a setting.</summary>
    /// <returns>False where it was not there.</returns>
    public bool Remove(string key)
    {
        if (Find(key) is not { } entry)
        {
            return false;
        }

        _yaml = _yaml.Without(ConfigEntry, entry.Key);
        return true;
    }

    /// <summary>Removes a place inside a setting.</summary>
    /// <returns>False where it was not there.</returns>
    public bool RemovePath(string path)
    {
        var (key, steps) = ConfigPath.Parse(path);
        if (steps.IsEmpty)
        {
            return Remove(key);
        }

        if (Find(key) is not { } entry || YamlJson.Convert(entry.Value) is not { } tree || !ConfigTree.Remove(tree, steps.AsSpan()))
        {
            return false;
        }

        SetNode(key, tree);
        return true;
    }

    /// <summary>Writes the file; one that is new is for its owner only.</summary>
    /// <exception cref="EngineException">It could not be written.</exception>
    public void Save() => new WholeFile(File).Write(StrictUtf8.GetBytes(_hasMark ? ByteOrderMark + _yaml.Text : _yaml.Text));

    private static JsonNode Node(string value, PassphraseSecrets? secrets)
        => secrets is null ? JsonValue.Create(value) : ConfigNode.Sealed(secrets.Encrypt(value));

    private static ProgramException Wrong(string file, Mark place, string message)
        => new([new ProgramDiagnostic(Path.GetFileName(file), (int)Math.Max(place.Line, 1), (int)Math.Max(place.Column, 1), message)]);

    private ConfigValue Open(string key, YamlNode value, PassphraseSecrets? secrets)
    {
        try
        {
            return ConfigNode.Open(value, secrets);
        }
        catch (EngineException fault)
        {
            throw new EngineException(fault.Reason, $"{File}: the setting {key}: {fault.Message}", fault);
        }
    }

    private ImmutableSortedDictionary<string, ConfigValue> All(Func<string, YamlNode, ConfigValue> open)
        => Entries().ToImmutableSortedDictionary(entry => ConfigKey.Full(entry.Key, _project), entry => open(entry.Key, entry.Value), StringComparer.Ordinal);

    // One that stands there with and without its namespace would be set in one place and read in the other.
    private void CheckKeys()
    {
        HashSet<string> known = new(StringComparer.Ordinal);
        foreach (var key in Config?.Children.Keys ?? Enumerable.Empty<YamlNode>())
        {
            try
            {
                var full = ConfigKey.Full(((YamlScalarNode)key).Value ?? "", _project);
                if (!known.Add(full))
                {
                    throw Wrong(File, key.Start, $"the setting {full} stands here twice; keep one of them");
                }
            }
            catch (EngineException fault)
            {
                throw Wrong(File, key.Start, fault.Message);
            }
        }
    }

    private IEnumerable<(string Key, YamlNode Value)> Entries()
        => Config?.Children.Select(entry => (((YamlScalarNode)entry.Key).Value ?? "", entry.Value)) ?? [];

    private (string Key, YamlNode Value)? Find(string key)
    {
        var full = ConfigKey.Full(key, _project);
        foreach (var entry in Entries())
        {
            if (ConfigKey.Full(entry.Key, _project) == full)
            {
                return entry;
            }
        }

        return null;
    }

    // Under the name that it has there already, else the full one.
    private void SetNode(string key, JsonNode value) => _yaml = _yaml.With([ConfigEntry, Find(key)?.Key ?? ConfigKey.Full(key, _project)], value);

    private string? Text(string name) => Child(name) is YamlScalarNode { Value: { Length: > 0 } text } ? text : null;

    private YamlNode? Child(string name)
        => _yaml.Root?.Children.FirstOrDefault(child => child.Key is YamlScalarNode key && key.Value == name).Value is { } value && !YamlJson.IsNull(value) ? value : null;
}
