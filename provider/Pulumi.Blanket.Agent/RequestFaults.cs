namespace Pulumi.Blanket.Agent;

/// <summary>All that is wrong with a request, so that whoever sent it is told everything at once.</summary>
internal sealed class RequestFaults
{
    private readonly List<string> _faults = [];

    public bool Any => _faults.Count > 0;

    public void Expect(bool holds, string fault)
    {
        if (!holds)
        {
            _faults.Add(fault);
        }
    }

    /// <param name="what">What the request is then, before the faults.</param>
    /// <exception cref="AgentException">There are some.</exception>
    public void ThrowIfAny(string what)
    {
        if (Any)
        {
            throw new AgentException(AgentFault.BadRequest, $"{what}: {string.Join("; ", _faults.Distinct(StringComparer.Ordinal))}");
        }
    }
}
