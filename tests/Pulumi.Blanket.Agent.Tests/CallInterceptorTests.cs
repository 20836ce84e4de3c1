using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Pulumi.Blanket.Agent.Serving;
using Pulumi.Blanket.Files;

namespace Pulumi.Blanket.Agent.Tests;

/// <summary>All four kinds of calls are wrapped: what fails in any of them has its name on the wire.</summary>
public sealed class CallInterceptorTests
{
    private readonly CallInterceptor _interceptor = new(NullLogger<CallInterceptor>.Instance);

    public static TheoryData<string, StatusCode, string> Faults => new()
    {
        { "full", StatusCode.FailedPrecondition, "is full" },
        { "agent", StatusCode.ResourceExhausted, "no room" },
        { "bug", StatusCode.Internal, "a bug of blanket-agent" },
        { "bytes", StatusCode.InvalidArgument, "no message" },
        { "stop", StatusCode.Unavailable, "restarted" },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task AFaultHasTheSameNameInEveryKindOfCall(string fault, StatusCode code, string text)
    {
        Exception Thrown() => fault switch
        {
            "full" => new IOException("No space left on device", DurableFile.DiskFull),
            "agent" => new AgentException(AgentFault.NoRoom, "no room"),
            "bytes" => new InvalidDataException(),
            "stop" => new OperationCanceledException(),
            _ => new KeyNotFoundException(),
        };
        Task Fails() => Task.FromException(Thrown());
        Task<object> FailsToo() => Task.FromException<object>(Thrown());
        Func<Task>[] kinds =
        [
            () => _interceptor.UnaryServerHandler<object, object>(new(), Context(), (_, _) => FailsToo()),
            () => _interceptor.ClientStreamingServerHandler<object, object>(null!, Context(), (_, _) => FailsToo()),
            () => _interceptor.ServerStreamingServerHandler<object, object>(new(), null!, Context(), (_, _, _) => Fails()),
            () => _interceptor.DuplexStreamingServerHandler<object, object>(null!, null!, Context(), (_, _, _) => Fails()),
        ];
        foreach (var kind in kinds)
        {
            var told = await Assert.ThrowsAsync<RpcException>(kind);
            Assert.Equal(code, told.StatusCode);
            Assert.Contains(text, told.Status.Detail, StringComparison.Ordinal);
        }
    }

    private static CallContext Context() => new("/blanket.agent.MovePeer/Receive");

    private sealed class CallContext : ServerCallContext
    {
        private readonly string _method;

        public CallContext(string method)
        {
            _method = method;
            DefaultHttpContext http = new();
            http.Features.Set(new Caller(CallerKinds.Member, "a")); // as the gate says it
            UserState["__HttpContext"] = http;
        }

        protected override string MethodCore => _method;

        protected override string HostCore => "";

        protected override string PeerCore => "";

        protected override DateTime DeadlineCore => DateTime.MaxValue;

        protected override Metadata RequestHeadersCore { get; } = [];

        protected override CancellationToken CancellationTokenCore => CancellationToken.None;

        protected override Metadata ResponseTrailersCore { get; } = [];

        protected override Status StatusCore { get; set; }

        protected override WriteOptions? WriteOptionsCore { get; set; }

        protected override AuthContext AuthContextCore { get; } = new("", []);

        protected override Dictionary<object, object> UserStateCore { get; } = [];

        protected override ContextPropagationToken CreatePropagationTokenCore(ContextPropagationOptions? options) => throw new NotSupportedException();

        protected override Task WriteResponseHeadersAsyncCore(Metadata responseHeaders) => Task.CompletedTask;
    }
}
