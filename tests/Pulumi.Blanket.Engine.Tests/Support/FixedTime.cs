namespace Pulumi.Blanket.Engine.Tests.Support;

internal sealed class FixedTime : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => new DateTimeOffset(2026, 5, 4, 3, 2, 1, TimeSpan.Zero).AddTicks(1234567);
}
