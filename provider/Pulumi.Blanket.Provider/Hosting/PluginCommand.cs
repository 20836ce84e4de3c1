namespace Pulumi.Blanket.Provider;

internal enum PluginCommand
{
    Serve,
    Schema,
    Reach,
    Console,
    Version,
    Help,
}
