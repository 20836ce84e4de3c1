using Pulumi.Blanket.Contract;
using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.Provider.Resources.VirtualMachine;

/// <summary>The disks of a VM as inputs have them, where some of it may not be known yet.</summary>
/// <param name="Disks">In their order; what is not known is empty or 0.</param>
/// <param name="Unknown">Positions of those of which it is not known what they are made of.</param>
internal sealed record DiskList(IReadOnlyList<DiskSpec> Disks, IReadOnlySet<int> Unknown)
{
    private const string DefaultBus = "virtio";

    /// <returns>Null where the list as a whole is not known.</returns>
    public static DiskList? Read(PropertyValue? value)
    {
        switch (value?.Bare)
        {
            case null or NullValue:
                return new([], new HashSet<int>());
            case ArrayValue array:
                HashSet<int> unknown = [];
                List<DiskSpec> disks = [];
                foreach (var item in array.Items)
                {
                    if (item.Bare is not ObjectValue disk || IsOpen(disk["image"]) || IsOpen(disk["volume"]))
                    {
                        unknown.Add(disks.Count);
                    }

                    disks.Add(ToSpec(item.Bare as ObjectValue ?? ObjectValue.Empty));
                }

                return new(disks, unknown);
            default:
                return null;
        }
    }

    /// <summary>What people call a disk.</summary>
    public static string Describe(DiskSpec disk)
        => (disk.Volume.Length > 0 ? $"the volume {disk.Volume}" : disk.Image.Length > 0 ? $"the disk made from the image {disk.Image}" : "the blank disk")
            + (disk.SizeGib > 0 ? $" of {disk.SizeGib} GiB" : "");

    // Not known, or at fault: something stands there that can't be gone by.
    private static bool IsOpen(PropertyValue? value) => value?.Bare is not (null or NullValue or StringValue);

    private static DiskSpec ToSpec(ObjectValue disk) => new()
    {
        Image = (disk["image"]?.Bare as StringValue)?.Text ?? "",
        Volume = (disk["volume"]?.Bare as StringValue)?.Text ?? "",
        SizeGib = disk["sizeGiB"]?.Bare is NumberValue { Number: var size } ? (long)size : 0,
        Bus = (disk["bus"]?.Bare as StringValue)?.Text ?? DefaultBus,
    };
}
