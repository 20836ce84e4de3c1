using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.Provider.Definitions;

/// <summary>What is wrong with one property, for the user: what it is, what it must be. Never the value of a secret.</summary>
internal sealed record InputFault(PropertyPath Path, string Reason);
