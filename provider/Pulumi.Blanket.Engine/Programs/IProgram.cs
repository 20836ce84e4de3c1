using Pulumi.Blanket.Engine.Monitoring;

namespace Pulumi.Blanket.Engine.Programs;

/// <summary>What says which resources a stack has.</summary>
public interface IProgram
{
    /// <summary>Registers the stack, all of the program's resources, then the stack's outputs.</summary>
    /// <exception cref="ResourceFailedException">A resource failed; the user has been told.</exception>
    /// <exception cref="ProgramException">The program is wrong.</exception>
    Task RunAsync(ProgramContext context, IResourceMonitor monitor, CancellationToken cancellationToken);
}
