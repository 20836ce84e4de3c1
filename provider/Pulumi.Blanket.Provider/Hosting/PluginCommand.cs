namespace Pulumi.Blanket.Provider.Hosting;

internal enum PluginCommand
{
    Serve,
    Schema,
    Reach,
    Console,
    Version,
    Help,
}
