using Pulumi.Blanket.Protocol;
using Pulumi.Blanket.Provider.Errors;
using Pulumi.Blanket.Provider.Functions;
using Pulumi.Blanket.Provider.Resources;

namespace Pulumi.Blanket.Provider;

/// <summary>What the provider has: resources and functions by their tokens, and the schema that tells of them.</summary>
internal sealed class Package(IReadOnlyList<Resource> resources, IReadOnlyList<Function> functions, Func<string> schema)
{
    private readonly Dictionary<string, Resource> _resources = resources.ToDictionary(resource => resource.Token, StringComparer.Ordinal);
    private readonly Dictionary<string, Function> _functions = functions.ToDictionary(function => function.Token, StringComparer.Ordinal);

    public IReadOnlyList<Resource> Resources { get; } = resources;

    public IReadOnlyList<Function> Functions { get; } = functions;

    /// <summary>The schema as JSON.</summary>
    public string Schema => schema();

    /// <exception cref="ProviderException">There is no such resource.</exception>
    public Resource Resource(string token)
        => _resources.GetValueOrDefault(token) ?? throw Unknown("resource type", token, _resources.Keys);

    /// <exception cref="ProviderException">There is no such function.</exception>
    public Function Function(string token)
        => _functions.GetValueOrDefault(token) ?? throw Unknown("function", token, _functions.Keys);

    private static ProviderException Unknown(string what, string token, IEnumerable<string> known)
        => new(FailureReason.NotFound, $"the provider blanket {PluginVersion.Current} has no {what} '{token}'"
            + (NearestName.Find(token, known) is { } nearest ? $"; did you mean '{nearest}'?" : "; is the provider older than the program?"));
}
