namespace Pulumi.Blanket.Agent.Fabrics;

/// <summary>What the kernel says of one TCP connection to a member.</summary>
/// <param name="Name">Both of its ends.</param>
/// <param name="Unacknowledged">Packets on their way.</param>
/// <param name="AcknowledgedBytes">In all.</param>
/// <param name="Backoff">How often in a row the kernel has waited in vain for an acknowledgement, each time twice as long.</param>
/// <param name="RetransmissionTimeout">How long it waits this time.</param>
/// <param name="LastSent">How long ago it sent anything, anew or again.</param>
/// <param name="LastAcknowledgement">How long ago anything came that acknowledges.</param>
internal sealed record PathConnection(string Name, int Unacknowledged, long AcknowledgedBytes, int Backoff, TimeSpan RetransmissionTimeout, TimeSpan LastSent, TimeSpan LastAcknowledgement)
{
    /// <summary>How long the oldest packet has been on its way, at least: the kernel waited R, 2R, 4R … in vain before it sent for the last time.</summary>
    public TimeSpan LeastAge
    {
        get
        {
            var waited = RetransmissionTimeout - (RetransmissionTimeout / Math.Pow(2, Backoff)) + LastSent;
            return waited < LastAcknowledgement ? waited : LastAcknowledgement;
        }
    }
}
