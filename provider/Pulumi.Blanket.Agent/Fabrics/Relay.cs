using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.Hosting;
using Pulumi.Blanket.Agent.Hosts;

namespace Pulumi.Blanket.Agent.Fabrics;

/// <summary>
/// Passes calls for another member on to it, over the mesh, as they are: so that a few members to enter by are enough for a whole fabric, and
/// members behind a NAT or a jump host are reached like any other. What the account may not ask here it may not ask there.
/// </summary>
internal sealed class Relay(FabricStore store, PeerChannels peers, IHostApplicationLifetime host)
{
    /// <summary>The header with the machine id of the member that a call is for.</summary>
    public const string MemberHeader = "blanket-member";

    /// <summary>What lasts as long as its caller wishes, and is not waited for when the agent is to stop.</summary>
    private static readonly string[] Endless = ["/blanket.agent.MachineAgent/Dial", "/blanket.agent.MachineAgent/OpenConsole"];

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
        using var end = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, Endless.Contains(context.Request.Path.Value) ? host.ApplicationStopping : CancellationToken.None);
        try
        {
            using var response = await RelayedCall.SendAsync(peers.HttpTo(facts, peer), PeerChannels.AddressOf(facts, peer), context.Request, end.Token);
            await AnswerAsync(context, response, end.Token);
        }
        catch (Exception fault) when (fault is HttpRequestException or IOException && !context.RequestAborted.IsCancellationRequested)
        {
            Refuse(context.Response, Unavailable, context.Response.HasStarted
                ? $"{peer.Settings.Name} does not answer over the mesh any more; what was begun there may be going on: {fault.Message}"
                : $"{peer.Settings.Name} does not answer over the mesh: {fault.Message}");
        }
        catch (OperationCanceledException fault) when (!context.RequestAborted.IsCancellationRequested)
        {
            Refuse(context.Response, Unavailable, fault.InnerException is TimeoutException silence
                ? $"{peer.Settings.Name} does not answer over the mesh: {silence.Message}"
                : "the agent by which the fabric was entered is being restarted; try again");
        }
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

    private static void Refuse(HttpResponse response, int status, string message)
    {
        var (code, text) = (status.ToString(System.Globalization.CultureInfo.InvariantCulture), Uri.EscapeDataString(message));
        if (response.HasStarted)
        {
            response.AppendTrailer("grpc-status", code);
            response.AppendTrailer("grpc-message", text);
            return;
        }

        response.ContentType = "application/grpc";
        response.Headers["grpc-status"] = code;
        response.Headers["grpc-message"] = text;
    }
}
