using Grpc.AspNetCore.Server;
using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Pulumi.Blanket.Agent.Serving;

/// <summary>
/// Lets a call through to the service that it was routed to, where that is open to who calls. What counts is the endpoint that was matched, and what it declares:
/// a path can be written in many ways. Before anything of the call's body is read.
/// </summary>
/// <param name="identify">Says who calls; null for nobody who is known.</param>
internal sealed partial class AccessGate(Func<HttpContext, Caller?> identify, ILogger<AccessGate> log)
{
    public Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        if (context.GetEndpoint()?.Metadata is not { } declared || declared.GetMetadata<GrpcMethodMetadata>()?.Method is not { } method)
        {
            GrpcRefusal.Write(context.Response, StatusCode.Unimplemented, "the agent has no such method here; it may be older than what calls it");
            return Task.CompletedTask;
        }

        var open = declared.GetMetadata<OpenToAttribute>()?.Callers ?? CallerKinds.None;
        var caller = identify(context);
        if (caller is null || (open & caller.Kind) == 0)
        {
            LogRefused(log, method.FullName, caller?.ToString() ?? "nobody who is known");
            GrpcRefusal.Write(context.Response, StatusCode.PermissionDenied, open == CallerKinds.Root
                ? "only root on the host may ask this; a fabric's key may not"
                : "whoever calls may not ask this");
            return Task.CompletedTask;
        }

        context.Features.Set(caller);
        return next(context);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Method} was refused to {Caller}")]
    private static partial void LogRefused(ILogger logger, string method, string caller);
}
