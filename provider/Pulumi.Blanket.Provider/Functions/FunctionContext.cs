using Pulumi.Blanket.Provider.Configuration;
using Pulumi.Blanket.Provider.Operations;

namespace Pulumi.Blanket.Provider.Functions;

/// <summary>What a call of a function knows of its surroundings.</summary>
/// <param name="IsPreview">False too where the engine does not say.</param>
internal sealed record FunctionContext(string OperationId, ProviderConfiguration Configuration, OperationLog Log, bool IsPreview);
