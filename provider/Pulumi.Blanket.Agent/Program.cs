using System.CommandLine;
using Pulumi.Blanket.Agent;
using Pulumi.Blanket.Agent.Commands;
using Pulumi.Blanket.Agent.Machine;
using Command = System.CommandLine.Command;

Option<string?> hash = new("--sha256") { Description = "What the file's SHA-256 has to be, in hexadecimal digits." };
RootCommand root = new("The agent of Pulumi.Blanket on a host: owns what is ours there, and does what the plugin asks.")
{
    Verb("serve", "Runs the agent; the systemd unit does this.", _ => ServeCommand.RunAsync()),
    Verb("connect", "Joins standard input and output to the running agent.", _ => ConnectCommand.RunAsync()),
    Verb("install", "Installs this program as a service, or upgrades the one that is there.", parsed => InstallCommand.RunAsync(parsed.GetValue(hash)), hash),
    Verb("uninstall", "Removes the service and every file of it, where nobody needs the host any more.", _ => UninstallCommand.RunAsync()),
    Verb("leave", "Takes this host out of its fabric, where the fabric is gone or has given it up.", _ => LeaveCommand.RunAsync()),
    Verb("facts", "Writes what the host is to standard output (a HostFacts message), and changes nothing.", _ => FactsCommand.RunAsync()),
    Verb("version", "Says the version and the SHA-256 of this program.", _ => VersionCommand.RunAsync()),
};
root.Add(SandboxVerb());
return await root.Parse(args).InvokeAsync();

static Command Verb(string name, string description, Func<ParseResult, Task<int>> run, params Option[] options)
{
    Command verb = new(name, description);
    foreach (var option in options)
    {
        verb.Add(option);
    }

    verb.SetAction(async parsed =>
    {
        try
        {
            return await run(parsed);
        }
        catch (Exception fault) when (fault is AgentException or IOException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync($"blanket-agent: {fault.Message}{(Environment.UserName == "root" ? "" : " (it has to run as root)")}");
            return ExitCodes.Failed;
        }
    });
    return verb;
}

// The agent's own, for programs that face the bytes of others.
static Command SandboxVerb()
{
    Option<uint> account = new("--account");
    Option<long> memory = new("--memory"), seconds = new("--seconds"), fileSize = new("--file-size");
    Option<string?> source = new("--source"), target = new("--target");
    Argument<string[]> command = new("command");
    var verb = Verb(Sandbox.Verb, "Becomes a program that sees one file, writes one other, and reaches nothing else.", parsed => Task.FromResult(SandboxCommand.Run(
        parsed.GetValue(account), parsed.GetValue(memory), parsed.GetValue(seconds), parsed.GetValue(fileSize), parsed.GetValue(source), parsed.GetValue(target), parsed.GetValue(command) ?? [])),
        account, memory, seconds, fileSize, source, target);
    verb.Hidden = true;
    verb.Add(command);
    return verb;
}
