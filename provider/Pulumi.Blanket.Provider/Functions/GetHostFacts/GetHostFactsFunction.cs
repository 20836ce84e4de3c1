using System.Text.Json.Serialization.Metadata;
using Pulumi.Blanket.Provider.Agents;
using Pulumi.Blanket.Provider.Resources;
using Pulumi.Blanket.Provider.Resources.Host;

namespace Pulumi.Blanket.Provider.Functions.GetHostFacts;

/// <summary>Looks at a machine without adopting it. See getHostFacts.md.</summary>
internal sealed class GetHostFactsFunction(AgentAccess access) : Function<GetHostFactsArguments, GetHostFactsResult>("blanket:index:getHostFacts")
{
    protected override JsonTypeInfo<GetHostFactsArguments> ArgumentType => GetHostFactsJson.Default.GetHostFactsArguments;

    protected override JsonTypeInfo<GetHostFactsResult> ResultType => GetHostFactsJson.Default.GetHostFactsResult;

    protected override void Check(CheckContext<GetHostFactsArguments> check)
        => LoginValidation.Check(check, check.Inputs.PrivateKey, check.Inputs.PrivateKeyPassword, check.Inputs.HostKey, check.Inputs.ProxyJump);

    protected override async Task<GetHostFactsResult> InvokeAsync(FunctionContext context, GetHostFactsArguments arguments, CancellationToken cancellationToken)
    {
        HostConnection connection = new()
        {
            MachineId = "",
            Name = arguments.Address,
            Address = arguments.Address,
            Port = arguments.Port,
            User = HostTargets.User(arguments.User, context.Configuration),
            PrivateKey = arguments.PrivateKey,
            PrivateKeyPassword = arguments.PrivateKeyPassword,
            Password = arguments.Password,
            HostKey = arguments.HostKey,
            ProxyJump = arguments.ProxyJump,
        };
        var target = HostTargets.Of(connection, context.Configuration);
        var ssh = await access.ConnectAsync(target, arguments.Address, cancellationToken);
        var facts = await access.Installer.LookAsync(ssh.Pin(target), arguments.Address, cancellationToken);
        return new GetHostFactsResult
        {
            MachineId = facts.MachineId,
            Hostname = facts.Hostname,
            Architecture = facts.Architecture,
            OperatingSystem = facts.OperatingSystem,
            BestLayer = HostTranslation.NameOf(facts.BestLayer),
            KvmFault = facts.KvmFault,
            HypervisorVersion = facts.HypervisorVersion,
            Capacity = HostTranslation.ToCapacity(facts.Capacity),
            Cpu = new HostCpu { Vendor = facts.Cpu?.Vendor ?? "", Model = facts.Cpu?.Model ?? "", UsableModels = [.. facts.Cpu?.UsableModels ?? []] },
            Capabilities = [.. facts.Capabilities],
            MissingPackages = [.. facts.MissingPackages],
            Adopted = facts.Adopted is not null,
            FabricId = facts.FabricId,
            HostKey = ssh.HostKey.ToString(),
        };
    }
}
