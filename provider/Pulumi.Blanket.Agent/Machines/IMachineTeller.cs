using Pulumi.Blanket.Contract;

namespace Pulumi.Blanket.Agent.Machines;

/// <summary>Whom work on a machine tells how it goes.</summary>
internal interface IMachineTeller
{
    /// <summary>What is going on right now.</summary>
    void Say(string line);

    /// <summary>For the user to keep.</summary>
    void Warn(string line);

    /// <summary>How far an image is that has to come first.</summary>
    void Progress(ImageProgress progress);
}
