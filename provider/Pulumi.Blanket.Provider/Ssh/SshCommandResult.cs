using System.Text;

namespace Pulumi.Blanket.Provider.Ssh;

/// <summary>How a command on a host ended, and what it wrote.</summary>
/// <param name="ExitStatus">Null when a signal ended it.</param>
/// <param name="Output">Standard output, up to <see cref="SshOptions.MaxOutputBytes"/>.</param>
/// <param name="Error">The end of standard error.</param>
/// <param name="IsTruncated">True when there was more output than was kept.</param>
public sealed record SshCommandResult(int? ExitStatus, byte[] Output, string Error, bool IsTruncated)
{
    public string Text => Encoding.UTF8.GetString(Output);
}
