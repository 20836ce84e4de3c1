using System.CommandLine;

namespace Pulumi.Blanket.Cli.Lab;

internal static class DemoCommand
{
    public static Command Create() => new("demo", "…");
}
