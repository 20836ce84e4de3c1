using System.Security.Cryptography;
using Pulumi.Blanket.Provider.Errors;

namespace Pulumi.Blanket.Provider.Agents;

/// <summary>The agents that came with this plugin: files beside it, one per architecture.</summary>
/// <param name="Path">The file.</param>
/// <param name="Hash">Its SHA-256, in lower-case hexadecimal digits.</param>
internal sealed record AgentBundle(string Path, string Hash)
{
    private const string FileName = "blanket-agent";

    /// <summary>The architecture of the file without one in its name: the plugin's own.</summary>
    private static readonly string Own = System.Runtime.InteropServices.RuntimeInformation.ProcessArchitecture == System.Runtime.InteropServices.Architecture.Arm64 ? "aarch64" : "x86_64";

    private static readonly Dictionary<string, AgentBundle> Known = [];

    /// <param name="architecture">As <c>uname -m</c> says it.</param>
    /// <exception cref="ProviderException">The plugin has no agent for it.</exception>
    public static AgentBundle For(string architecture)
    {
        lock (Known)
        {
            if (Known.TryGetValue(architecture, out var known))
            {
                return known;
            }

            var folder = System.IO.Path.GetDirectoryName(Environment.ProcessPath)!;
            string[] candidates = architecture == Own ? [$"{FileName}-{architecture}", FileName] : [$"{FileName}-{architecture}"];
            var path = candidates.Select(name => System.IO.Path.Combine(folder, name)).FirstOrDefault(File.Exists)
                ?? throw new ProviderException(FailureReason.Precondition,
                    $"this plugin came without an agent for {architecture} machines: there is no file {string.Join(" or ", candidates)} beside it; install the plugin as it was released, or leave such hosts out");
            using var file = File.OpenRead(path);
            return Known[architecture] = new AgentBundle(path, Convert.ToHexStringLower(SHA256.HashData(file)));
        }
    }
}
