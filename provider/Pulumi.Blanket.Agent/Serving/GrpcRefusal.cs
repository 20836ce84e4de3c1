using System.Globalization;
using Grpc.Core;
using Microsoft.AspNetCore.Http;

namespace Pulumi.Blanket.Agent.Serving;

/// <summary>A gRPC status as the answer to a call that gets to no handler.</summary>
internal static class GrpcRefusal
{
    public static void Write(HttpResponse response, StatusCode status, string message)
    {
        var (code, text) = (((int)status).ToString(CultureInfo.InvariantCulture), Uri.EscapeDataString(message));
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
