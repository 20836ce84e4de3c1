using Google.Protobuf.Reflection;
using Pulumi.Blanket.Contract;

namespace Pulumi.Blanket.Agent.Tests;

/// <summary>Every method that an agent's contract has.</summary>
internal static class AgentMethods
{
    public static IReadOnlyList<MethodDescriptor> All { get; } =
        [.. HostReflection.Descriptor.Services.Concat(FabricReflection.Descriptor.Services).SelectMany(service => service.Methods)];

    public static string PathOf(MethodDescriptor method) => $"/{method.Service.FullName}/{method.Name}";
}
