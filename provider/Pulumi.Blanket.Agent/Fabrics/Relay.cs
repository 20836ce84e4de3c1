using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Pulumi.Blanket.Agent.Hosts;

namespace Pulumi.Blanket.Agent.Fabrics;

/// <summary>
/// Passes calls for another member on to it, over the mesh, as they are: so that a few members to enter by are enough for a whole fabric, and
/// members behind a NAT or a jump host are reached like any other. What the account may not ask here it may not ask there.
/// </summary>
internal sealed class Relay(FabricStore store, PeerChannels peers)
{
    /// <summary>The header with the machine id of the member that a call is for.</summary>
    public const string MemberHeader = "blanket-member";

    private const int Unavailable = 14;
    private const int FailedPrecondition = 9;

    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        var wanted = context.Request.Headers[MemberHeader].ToString();
        if (wanted.Length == 0 || wanted == MachineFacts.MachineId)
        {
            await next(context);
            return;
        }

        if (store.Current is not { } facts || facts.Members.FirstOrDefault(member => member.MachineId == wanted) is not { } peer)
        {
            Refuse(context.Response, FailedPrecondition, $"the machine with the id {wanted} is no member of the fabric any more");
            return;
        }

        // Streams are as long, and as silent, as their callers wish.
        context.Features.Get<IHttpMinRequestBodyDataRateFeature>()?.MinDataRate = null;
        context.Features.Get<IHttpMaxRequestBodySizeFeature>()?.MaxRequestBodySize = null;
        try
        {
            using var response = await RelayedCall.SendAsync(peers.HttpTo(facts, peer), PeerChannels.AddressOf(facts, peer), context.Request, context.RequestAborted);
            await AnswerAsync(context, response);
        }
        catch (Exception fault) when (fault is HttpRequestException or IOException && !context.RequestAborted.IsCancellationRequested && !context.Response.HasStarted)
        {
            Refuse(context.Response, Unavailable, $"{peer.Settings.Name} does not answer over the mesh: {fault.Message}");
        }
        catch (OperationCanceledException fault) when (fault.InnerException is TimeoutException silence && !context.RequestAborted.IsCancellationRequested)
        {
            Refuse(context.Response, Unavailable, $"{peer.Settings.Name} does not answer over the mesh: {silence.Message}");
        }
    }

    private static async Task AnswerAsync(HttpContext context, HttpResponseMessage answer)
    {
        context.Response.StatusCode = (int)answer.StatusCode;
        foreach (var (name, values) in answer.Headers.Concat(answer.Content.Headers))
        {
            context.Response.Headers.Append(name, values.ToArray());
        }

        await using var body = await answer.Content.ReadAsStreamAsync(context.RequestAborted);
        await RelayedContent.CopyAsync(body, context.Response.Body, context.RequestAborted);
        foreach (var (name, values) in answer.TrailingHeaders)
        {
            context.Response.AppendTrailer(name, values.ToArray());
        }
    }

    private static void Refuse(HttpResponse response, int status, string message)
    {
        response.ContentType = "application/grpc";
        response.Headers["grpc-status"] = status.ToString(System.Globalization.CultureInfo.InvariantCulture);
        response.Headers["grpc-message"] = Uri.EscapeDataString(message);
    }
}
