using Pulumi.Blanket.Protocol.Values;
using Pulumi.Blanket.Provider.Definitions;

namespace Pulumi.Blanket.Provider.Functions;

/// <summary>A function that programs call, as the service sees it; each derives from <see cref="Function{TArguments,TResult}"/>.</summary>
/// <param name="token">The function's token, <c>blanket:index:name</c>.</param>
internal abstract class Function(string token)
{
    public string Token { get; } = token;

    /// <summary>The last part of the token.</summary>
    public string FunctionName { get; } = token[(token.LastIndexOf(':') + 1)..];

    public abstract ObjectDefinition ArgumentDefinition { get; }

    public abstract ObjectDefinition ResultDefinition { get; }

    /// <summary>How long a call may take; the engine gives none.</summary>
    public virtual TimeSpan Timeout => TimeSpan.FromMinutes(1);

    internal abstract Task<(ObjectValue? Result, IReadOnlyList<InputFault> Faults)> RunAsync(FunctionContext context, ObjectValue arguments, CancellationToken cancellationToken);
}
