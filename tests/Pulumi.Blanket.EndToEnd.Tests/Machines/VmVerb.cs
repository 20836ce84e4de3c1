using System.Diagnostics;
using System.Text;
using Pulumi.Blanket.Lab;
using Pulumi.Blanket.Protocol;
using Pulumi.Blanket.Protocol.Values;
using Pulumi.Blanket.Provider.Tests;
using Pulumi.Blanket.Provider.Tests.Engine;

namespace Pulumi.Blanket.EndToEnd.Tests.Machines;

/// <summary>One of the plugin's verbs that join their input and output to a VM, as a command runs it: the fabric's connection is in its environment.</summary>
internal sealed class VmVerb : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(120);

    private readonly Process _process;
    private readonly Task<string> _errors;
    private readonly StringBuilder _output = new();

    private VmVerb(Process process) => (_process, _errors) = (process, process.StandardError.ReadToEndAsync());

    public static VmVerb Start(MachineLabBase lab, PropertyValue fabric, params string[] arguments) => Start(lab, fabric, (IReadOnlyList<string>)[PluginProcess.Path, .. arguments]);

    /// <summary>The same on a terminal, whose keys are what is sent; errors are shown on it, too.</summary>
    public static VmVerb StartOnTerminal(MachineLabBase lab, PropertyValue fabric, params string[] arguments)
        => Start(lab, fabric, (IReadOnlyList<string>)["script", "-qfec", string.Join(' ', [PluginProcess.Path, .. arguments]), "/dev/null"]);

    private static VmVerb Start(MachineLabBase lab, PropertyValue fabric, IReadOnlyList<string> command)
    {
        var (program, prefix) = lab.Lab.ControlCommand("/", []);
        ProcessStartInfo start = new(program, [.. prefix, .. command]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["BLANKET_FABRIC"] = PropertyCodec.EncodeObject((ObjectValue)fabric.Bare).ToString();
        start.Environment.Remove("SSH_AUTH_SOCK");
        return new VmVerb(Process.Start(start)!);
    }

    public async Task SendAsync(string text)
    {
        await _process.StandardInput.WriteAsync(text);
        await _process.StandardInput.FlushAsync();
    }

    public void EndInput() => _process.StandardInput.Close();

    /// <summary>Reads until a text has come.</summary>
    /// <returns>All that has come so far.</returns>
    public async Task<string> ReadUntilAsync(string text)
    {
        using CancellationTokenSource limit = new(Limit);
        var buffer = new char[4096];
        while (!_output.ToString().Contains(text, StringComparison.Ordinal))
        {
            var count = await _process.StandardOutput.ReadAsync(buffer, limit.Token);
            Assert.True(count > 0, $"'{text}' did not come; this did: {_output}; {(count > 0 ? "" : await _errors)}");
            _output.Append(buffer, 0, count);
        }

        return _output.ToString();
    }

    public async Task<(int ExitCode, string Output, string Errors)> EndAsync()
    {
        using CancellationTokenSource limit = new(Limit);
        _output.Append(await _process.StandardOutput.ReadToEndAsync(limit.Token));
        await _process.WaitForExitAsync(limit.Token);
        return (_process.ExitCode, _output.ToString(), await _errors);
    }

    /// <summary>What it says where it can't do what it was asked.</summary>
    public static async Task<string> RefusalAsync(MachineLabBase lab, PropertyValue fabric, params string[] arguments)
    {
        await using var verb = Start(lab, fabric, arguments);
        var (code, output, errors) = await verb.EndAsync();
        Assert.Equal((1, "", 1), (code, output, errors.Trim().Split('\n').Length));
        Assert.DoesNotContain("PRIVATE KEY", errors, StringComparison.Ordinal);
        return errors;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }
}
