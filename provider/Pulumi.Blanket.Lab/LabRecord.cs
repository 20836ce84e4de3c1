using Pulumi.Blanket.Lab.Definition;

namespace Pulumi.Blanket.Lab;

/// <summary>What is on record of a lab that is up, in its folder's <c>lab.json</c>; written last, so its presence means "up".</summary>
/// <param name="Packages">The machine's installed packages at <c>up</c>, with their versions: what the hosts stand on.</param>
/// <param name="GuestFolder">Folder of the guest image that the hosts see as <c>/srv/blanket/guest</c>.</param>
internal sealed record LabRecord(LabDefinition Definition, SortedDictionary<string, string> Packages, string GuestFolder);
