namespace Pulumi.Blanket.Agent.Hosts;

/// <summary>Records on this host that can't be read.</summary>
internal interface IDamagedRecords
{
    /// <summary>In words, and with the file's name.</summary>
    IReadOnlyCollection<string> Damage { get; }
}
