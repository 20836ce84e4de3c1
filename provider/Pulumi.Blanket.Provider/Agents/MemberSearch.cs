using Pulumi.Blanket.Contract;
using Pulumi.Blanket.Provider.Errors;

namespace Pulumi.Blanket.Provider.Agents;

/// <summary>What came of asking members for something that one of them has.</summary>
/// <param name="Found">Null where nobody who answered has it.</param>
/// <param name="Member">Who has it.</param>
/// <param name="Silent">Why others did not answer. Where nobody has it and nobody is silent, it is gone for certain.</param>
internal sealed record MemberSearch<T>(T? Found, Member? Member, IReadOnlyList<ProviderException> Silent)
    where T : class
{
    public bool IsGone => Found is null && Silent.Count == 0;
}
