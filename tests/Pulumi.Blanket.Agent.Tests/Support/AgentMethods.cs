using Google.Protobuf.Reflection;
using Pulumi.Blanket.Contract;

namespace Pulumi.Blanket.Agent.Tests.Support;

/// <summary>Every method that an agent's contract has.</summary>
internal static class AgentMethods
{
    private static readonly FileDescriptor[] Files =
    [
        HostReflection.Descriptor, FabricReflection.Descriptor, RegistryReflection.Descriptor, ImageReflection.Descriptor, VolumeReflection.Descriptor, MachineReflection.Descriptor, MovingReflection.Descriptor,
    ];

    public static IReadOnlyList<MethodDescriptor> All { get; } =
        [.. Files.SelectMany(file => file.Services).SelectMany(service => service.Methods)];

    public static string PathOf(MethodDescriptor method) => $"/{method.Service.FullName}/{method.Name}";
}
