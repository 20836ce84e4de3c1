using System.Net;
using System.Security.Authentication;

namespace Pulumi.Blanket.Agent.Images;

/// <summary>Why an image server gave nothing, in words that say what to do. Pure; nothing of a URL but its host is in them.</summary>
internal static class DownloadFailure
{
    /// <returns>Null where it is nothing of the server's.</returns>
    public static string? Tell(Exception fault, Uri source) => fault switch
    {
        HttpRequestException { StatusCode: { } status } => OfStatus(status, source.Host),
        HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError } => $"the name of the server {source.Host} is not known on this host; see the URL's spelling, and the host's DNS",
        HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } or HttpRequestException { InnerException: AuthenticationException }
            => $"no secure connection to {source.Host}: {Innermost(fault)}; the server's certificate has to be valid for that name, and the host has to trust its issuer (Debian: the package ca-certificates) and have the right time",
        HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError } => $"{source.Host}, port {source.Port}, can't be reached from this host ({Innermost(fault)}); see that the server runs, and that no firewall is between",
        HttpIOException or HttpRequestException => $"{source.Host} broke off ({Innermost(fault)})",
        TimeoutException or OperationCanceledException => $"{source.Host}, port {source.Port}, did not answer in time; see that the server runs, and that no firewall is between",
        IOException { HResult: not DurableFile.DiskFull } => $"{source.Host} broke off ({Innermost(fault)})",
        _ => null,
    };

    private static string OfStatus(HttpStatusCode status, string host)
    {
        var code = (int)status;
        return status switch
        {
            HttpStatusCode.NotFound or HttpStatusCode.Gone => $"{host} has nothing there ({code}); set `source` to where the image is",
            HttpStatusCode.Unauthorized => $"{host} wants a user and a password ({code}); give them in `source` (https://user:password@…)",
            HttpStatusCode.Forbidden => $"{host} refuses it ({code}); a signed URL may be over: make a new one, and set `source` to it",
            HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable => $"{host} is too busy ({code}); try again later",
            >= HttpStatusCode.InternalServerError => $"{host} has a fault of its own ({code}); try again later, or tell whoever runs it",
            >= HttpStatusCode.MultipleChoices and < HttpStatusCode.BadRequest => $"{host} refers to somewhere else, which is not followed ({code}); set `source` to where the image is",
            _ => $"{host} answers {code}; set `source` to where the image can be had",
        };
    }

    private static string Innermost(Exception fault) => fault.InnerException is null ? fault.Message : Innermost(fault.InnerException);
}
