namespace Pulumi.Blanket.Agent.Machine;

/// <summary>A setting of the kernel that is turned on where it was off, and off again afterwards.</summary>
/// <param name="setting">Below <c>/proc/sys</c>.</param>
/// <param name="note">A file of ours, there where it was off before; below <see cref="AgentPaths.Runtime"/>, so that it ends with the boot, as the setting does.</param>
internal sealed class KernelSwitch(string setting, string note)
{
    private const string On = "1";
    private const string Off = "0";

    /// <summary>Does nothing where it is on, or where this kernel does not have it.</summary>
    /// <exception cref="IOException">The kernel does not let it be set.</exception>
    /// <exception cref="UnauthorizedAccessException">The same.</exception>
    public void TurnOn()
    {
        if (File.Exists(setting) && File.ReadAllText(setting).Trim() == Off)
        {
            DurableFile.Write(note, "", DurableFile.Private);
            File.WriteAllText(setting, On);
        }
    }

    /// <returns>Whether it was ours to turn off.</returns>
    public bool TurnBack()
    {
        if (!File.Exists(note))
        {
            return false;
        }

        // One that could not be turned on is off.
        if (File.ReadAllText(setting).Trim() != Off)
        {
            File.WriteAllText(setting, Off);
        }

        File.Delete(note);
        return true;
    }
}
