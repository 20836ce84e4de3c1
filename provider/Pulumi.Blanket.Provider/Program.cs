using Pulumi.Blanket.Provider;
using Pulumi.Blanket.Provider.Hosting;
using Pulumi.Blanket.Provider.Reach;
using Pulumi.Blanket.Provider.Schema;

var arguments = PluginArguments.Parse(args);
if (arguments.Fault is { } fault)
{
    await Console.Error.WriteLineAsync($"{fault}\n\n{PluginArguments.Usage}");
    return 2;
}

switch (arguments.Command)
{
    case PluginCommand.Version:
        Console.WriteLine(PluginVersion.Current);
        return 0;
    case PluginCommand.Help:
        Console.WriteLine(PluginArguments.Usage);
        return 0;
    case PluginCommand.Schema:
        Console.Write(SchemaWriter.Write(BlanketPackage.Create()));
        return 0;
    case PluginCommand.Reach or PluginCommand.Console:
        return await ReachCommand.RunAsync(arguments.Command, arguments.Reach);
    default:
        await using (var host = await PluginHost.StartAsync(BlanketPackage.Create(), arguments, Console.Error, CancellationToken.None))
        {
            // The engine reads this one line, and nothing else may follow it.
            Console.WriteLine(host.Port);
            await host.WaitAsync(arguments.EngineAddress);
        }

        return 0;
}
