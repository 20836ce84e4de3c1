using System.Text.RegularExpressions;

namespace Pulumi.Blanket.Agent.Fabrics;

/// <summary>A fabric's id names a folder, so its form is checked wherever one comes in.</summary>
internal static partial class FabricIds
{
    /// <exception cref="AgentException">It has another form.</exception>
    public static string Checked(string fabricId)
        => IsOne(fabricId) ? fabricId : throw new AgentException(AgentFault.BadRequest, "a fabric's id is 8 to 40 small letters and digits");

    public static bool IsOne(string text) => Form().IsMatch(text);

    [GeneratedRegex(@"\A[a-z0-9]{8,40}\z")]
    private static partial Regex Form();
}
