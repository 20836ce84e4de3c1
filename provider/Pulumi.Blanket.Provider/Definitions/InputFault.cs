using Pulumi.Blanket.Protocol;

namespace Pulumi.Blanket.Provider;

/// <summary>What is wrong with one property, for the user: what it is, what it must be. Never the value of a secret.</summary>
internal sealed record InputFault(PropertyPath Path, string Reason);
