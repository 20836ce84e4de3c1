using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;
using Pulumi.Blanket.Agent.Timing;

namespace Pulumi.Blanket.Agent.Fabrics;

/// <summary>A call on its way to another member, whose agent may just be starting again.</summary>
internal static class RelayedCall
{
    /// <summary>Headers that are this agent's matter.</summary>
    private static readonly string[] Own = ["host", Relay.MemberHeader, Relay.RelayedHeader];

    /// <summary>Sends the call, as one that is passed on; where nobody listens yet, again, for a while. One that may have arrived is never sent again.</summary>
    /// <param name="address">Of the method at the member.</param>
    public static async Task<HttpResponseMessage> SendAsync(HttpMessageInvoker http, string address, HttpRequest call, CancellationToken cancellationToken)
    {
        var start = Stopwatch.GetTimestamp();
        while (true)
        {
            RelayedContent content = new(call.Body);
            using HttpRequestMessage request = new(HttpMethod.Post, address) { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact, Content = content };
            CopyHeaders(call, request);
            try
            {
                return await http.SendAsync(request, cancellationToken);
            }
            catch (HttpRequestException fault) when (FoundNobody(fault) && !content.HasBegun && Stopwatch.GetElapsedTime(start) < AgentTimeouts.OfProcess.RelayRestart)
            {
                await Task.Delay(AgentTimeouts.OfProcess.RelayRetry, cancellationToken);
            }
        }
    }

    /// <summary>Refused, or left while both were proving who they are: there is no way yet on which a call could have gone.</summary>
    private static bool FoundNobody(HttpRequestException fault) => fault.HttpRequestError switch
    {
        HttpRequestError.ConnectionError => fault.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionRefused or SocketError.ConnectionReset },
        HttpRequestError.SecureConnectionError => fault.InnerException is IOException,
        _ => false,
    };

    private static void CopyHeaders(HttpRequest from, HttpRequestMessage to)
    {
        foreach (var (name, value) in from.Headers)
        {
            if (name.StartsWith(':') || Own.Contains(name, StringComparer.OrdinalIgnoreCase))
            {
                continue;
            }

            if (!to.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)value))
            {
                to.Content!.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)value);
            }
        }

        to.Headers.Add(Relay.RelayedHeader, "1");
    }
}
