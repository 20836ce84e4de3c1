namespace Pulumi.Blanket.Provider.Tests;
