using Grpc.AspNetCore.Server;
using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Primitives;
using Pulumi.Blanket.Agent.Machine;
using Pulumi.Blanket.Agent.Serving;

namespace Pulumi.Blanket.Agent.Fabrics;

/// <summary>
/// Passes calls for another member on to it, over the mesh: so that a few members to enter by are enough for a whole fabric, and members behind a NAT or a jump host are reached
/// like any other. Only calls of methods that this agent has itself and that are open to the account are passed on, whoever makes them; the other member takes them for the account's.
/// </summary>
internal sealed class Relay(FabricStore store, PeerChannels peers, IHostApplicationLifetime host)
{
    /// <summary>The header with the machine id of the member that a call is for.</summary>
    public const string MemberHeader = "blanket-member";

    /// <summary>The header by which a member says that it passes a call on. It takes rights away and gives none.</summary>
    public const string RelayedHeader = "blanket-relayed";

    /// <summary>Comes after <see cref="AccessGate"/>.</summary>
    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        if (IsForThisMember(context.Request.Headers[MemberHeader], out var wanted))
        {
            await next(context);
            return;
        }

        var declared = context.GetEndpoint()!.Metadata;
        if (context.Features.Get<Caller>() is not { MachineId: "" } || ((declared.GetMetadata<OpenToAttribute>()?.Callers ?? CallerKinds.None) & CallerKinds.Account) == 0)
        {
            GrpcRefusal.Write(context.Response, StatusCode.PermissionDenied, "this can't be asked of another member by way of this one");
            return;
        }

        if (wanted is null)
        {
            GrpcRefusal.Write(context.Response, StatusCode.InvalidArgument, $"the header {MemberHeader} names more than one member");
            return;
        }

        if (store.Current is not { } facts || facts.Members.FirstOrDefault(member => member.MachineId == wanted) is not { } peer)
        {
            GrpcRefusal.Write(context.Response, StatusCode.FailedPrecondition, $"the machine with the id {wanted} is no member of the fabric any more");
            return;
        }

        // Streams are as long, and as silent, as their callers wish.
        context.Features.Get<IHttpMinRequestBodyDataRateFeature>()?.MinDataRate = null;
        context.Features.Get<IHttpMaxRequestBodySizeFeature>()?.MaxRequestBodySize = null;
        var isOpenEnded = declared.GetMetadata<OpenEndedAttribute>() is not null;
        using var end = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, isOpenEnded ? host.ApplicationStopping : CancellationToken.None);
        try
        {
            // The method's own name, not the path that led to it here.
            var address = PeerChannels.AddressOf(facts, peer) + declared.GetRequiredMetadata<GrpcMethodMetadata>().Method.FullName;
            using var response = await RelayedCall.SendAsync(peers.HttpTo(facts, peer), address, context.Request, end.Token);
            await AnswerAsync(context, response, end.Token);
        }
        catch (Exception fault) when (fault is HttpRequestException or IOException && !context.RequestAborted.IsCancellationRequested)
        {
            GrpcRefusal.Write(context.Response, StatusCode.Unavailable, context.Response.HasStarted
                ? $"{peer.Settings.Name} does not answer over the mesh any more; what was begun there may be going on: {fault.Message}"
                : $"{peer.Settings.Name} does not answer over the mesh: {fault.Message}");
        }
        catch (OperationCanceledException fault) when (!context.RequestAborted.IsCancellationRequested)
        {
            GrpcRefusal.Write(context.Response, StatusCode.Unavailable, fault.InnerException is TimeoutException silence
                ? $"{peer.Settings.Name} does not answer over the mesh: {silence.Message}"
                : "the agent by which the fabric was entered is being restarted; try again");
        }
    }

    /// <param name="wanted">The one other member that is named; null where it is not one.</param>
    private static bool IsForThisMember(StringValues named, out string? wanted)
    {
        // Two headers of a name are as good as one with a comma (RFC 9110, section 5.3).
        wanted = named is [{ } one] && !one.Contains(',', StringComparison.Ordinal) ? one : null;
        return StringValues.IsNullOrEmpty(named) || wanted == MachineFacts.MachineId;
    }

    private static async Task AnswerAsync(HttpContext context, HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        context.Response.StatusCode = (int)answer.StatusCode;
        foreach (var (name, values) in answer.Headers.Concat(answer.Content.Headers))
        {
            context.Response.Headers.Append(name, values.ToArray());
        }

        await using var body = await answer.Content.ReadAsStreamAsync(cancellationToken);
        await RelayedContent.CopyAsync(body, context.Response.Body, cancellationToken);
        foreach (var (name, values) in answer.TrailingHeaders)
        {
            context.Response.AppendTrailer(name, values.ToArray());
        }
    }
}
