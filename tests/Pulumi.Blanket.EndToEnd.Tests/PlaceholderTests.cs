namespace Pulumi.Blanket.EndToEnd.Tests;
