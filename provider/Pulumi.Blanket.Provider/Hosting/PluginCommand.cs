namespace Pulumi.Blanket.Provider;

internal enum PluginCommand
{
    Serve,
    Schema,
    Version,
    Help,
}
