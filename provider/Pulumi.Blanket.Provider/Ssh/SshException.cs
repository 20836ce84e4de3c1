namespace Pulumi.Blanket.Provider.Ssh;

/// <summary>Something over SSH failed. The message says what, where, why, and what to do; no secret is ever in it.</summary>
public sealed class SshException : Exception
{
    public SshException(SshFailure failure, string message, Exception? inner = null, bool isTransient = false)
        : base(message, inner)
    {
        Failure = failure;
        IsTransient = isTransient;
    }

    public SshFailure Failure { get; }

    /// <summary>True when the same attempt may succeed a moment later without anybody doing anything.</summary>
    public bool IsTransient { get; }

    /// <summary>The command's exit status, where a command ended; null where it was ended by a signal or did not run.</summary>
    public int? ExitStatus { get; init; }

    /// <summary>The end of what the command wrote to standard error; empty where it wrote nothing.</summary>
    public string ErrorOutput { get; init; } = "";

    /// <summary>The SSH failure inside another exception, such as the one that gRPC wraps it in; null where there is none.</summary>
    public static SshException? Find(Exception? fault)
    {
        while (fault is not null)
        {
            switch (fault)
            {
                case SshException found:
                    return found;
                case Grpc.Core.RpcException rpc when rpc.Status.DebugException is { } debug && Find(debug) is { } inDebug:
                    return inDebug;
                case AggregateException several:
                    return several.InnerExceptions.Select(Find).FirstOrDefault(found => found is not null);
                default:
                    fault = fault.InnerException;
                    break;
            }
        }

        return null;
    }
}
