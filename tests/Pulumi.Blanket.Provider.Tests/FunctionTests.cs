using Grpc.Core;
using Pulumi.Blanket.Protocol;
using Pulumi.Blanket.Protocol.Contract;
using Pulumi.Blanket.Protocol.Values;
using Pulumi.Blanket.Provider.Tests.Support;
using static Pulumi.Blanket.Provider.Tests.Support.Objects;

namespace Pulumi.Blanket.Provider.Tests;

/// <summary>Functions are checked and answered as resources are.</summary>
public sealed class FunctionTests
{
    [Fact]
    public async Task Arguments_get_defaults_and_results_come_back()
    {
        var response = await InvokeAsync(Of(("text", Secret("a"))));
        Assert.Equal(Of(("texts", List("a", "a")), ("isPreview", true)), PropertyCodec.DecodeObject(response.Return));
    }

    [Fact]
    public async Task Bad_arguments_are_failures_all_at_once()
    {
        var response = await InvokeAsync(Of(("times", 9), ("txt", "a")));
        Assert.Equal(["text", "times", "txt"], response.Failures.Select(failure => failure.Property).Order());
        Assert.Null(response.Return);
    }

    [Fact]
    public async Task A_failed_call_has_its_reason()
    {
        var fault = await Assert.ThrowsAsync<RpcException>(() => InvokeAsync(Of(("text", "fail"))));
        Assert.Equal(StatusCode.NotFound, fault.StatusCode);
    }

    private static async Task<InvokeResponse> InvokeAsync(ObjectValue arguments)
    {
        await using var plugin = await ServedPackage.StartAsync();
        return await plugin.Engine.Client.InvokeAsync(new InvokeRequest { Tok = "blanket:index:repeat", Args = PropertyCodec.EncodeObject(arguments), Preview = true });
    }
}
