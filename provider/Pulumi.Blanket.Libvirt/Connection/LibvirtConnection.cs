using Pulumi.Blanket.Libvirt.Errors;
using Pulumi.Blanket.Libvirt.Events;
using Pulumi.Blanket.Libvirt.Wire;

namespace Pulumi.Blanket.Libvirt.Connection;

/// <summary>
/// One connection to libvirtd: calls side by side, events, keepalive. When its stream ends it is over, and every pending call fails with
/// the reason; <see cref="ConnectionLane"/> makes another.
/// </summary>
internal sealed partial class LibvirtConnection : IAsyncDisposable
{
    /// <summary>libvirtd serves five requests of a client and then reads no further (<c>max_client_requests</c>); one place stays free for keepalive.</summary>
    public const int MaxCallsInFlight = 4;

    private static readonly TimeSpan GoodbyeTimeout = TimeSpan.FromSeconds(1);

    private readonly Stream _stream;
    private readonly MessageReader _reader;
    private readonly ConnectionSettings _settings;
    private readonly Action<DomainEvent> _received;
    private readonly SemaphoreSlim _slots = new(MaxCallsInFlight, MaxCallsInFlight);
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly CancellationTokenSource _lifetime = new();
    private readonly TaskCompletionSource<LibvirtException> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();
    private readonly Dictionary<uint, PendingCall> _pending = [];
    private LibvirtException? _fault;
    private uint _serial;

    private LibvirtConnection(Stream stream, ConnectionSettings settings, Action<DomainEvent> received)
    {
        _stream = stream;
        _reader = new MessageReader(stream);
        _settings = settings;
        _received = received;
    }

    /// <summary>Completes, with the reason, when the connection is over.</summary>
    public Task<LibvirtException> Ended => _ended.Task;

    public bool IsOpen => !_lifetime.IsCancellationRequested;

    /// <summary>Calls that libvirtd has not answered yet, those included that nobody waits for any more.</summary>
    public int CallsInFlight
    {
        get
        {
            lock (_gate)
            {
                return _pending.Count;
            }
        }
    }

    /// <summary>Opens the stream, proves who we are, asks for keepalive, and opens the driver.</summary>
    /// <param name="received">Is given the events, in their order; must return at once.</param>
    /// <exception cref="LibvirtException">It could not be done, or not in time.</exception>
    public static async Task<LibvirtConnection> ConnectAsync(ConnectionSettings settings, Action<DomainEvent> received, CancellationToken cancellationToken = default)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(settings.ConnectTimeout);
        LibvirtConnection? connection = null;
        try
        {
            // Not every stream's opening heeds its token.
            var opening = settings.Open(deadline.Token).AsTask();
            try
            {
                connection = new LibvirtConnection(await opening.WaitAsync(deadline.Token), settings, received);
            }
            catch (OperationCanceledException)
            {
                _ = DisposeLateAsync(opening);
                throw;
            }

            _ = connection.ReadLoopAsync();
            await connection.GreetAsync(deadline.Token);
            return connection;
        }
        catch (OperationCanceledException fault) when (!cancellationToken.IsCancellationRequested)
        {
            connection?.End(new LibvirtException(LibvirtFault.ConnectFailed, "the connection was given up"));
            throw new LibvirtException(LibvirtFault.ConnectFailed, $"libvirtd did not answer within {settings.ConnectTimeout.TotalSeconds:0.#} s of connecting", fault);
        }
        catch (LibvirtException fault)
        {
            connection?.End(fault);
            throw fault.Fault is LibvirtFault.AuthenticationFailed or LibvirtFault.Protocol or LibvirtFault.Rejected
                ? fault
                : new LibvirtException(LibvirtFault.ConnectFailed, $"the connection to libvirtd could not be made: {fault.Message}", fault);
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            connection?.End(new LibvirtException(LibvirtFault.ConnectFailed, "the connection was given up"));
            throw new LibvirtException(LibvirtFault.ConnectFailed, $"the connection to libvirtd could not be made: {fault.Message}", fault);
        }
        catch
        {
            connection?.End(new LibvirtException(LibvirtFault.Closed, "connecting was cancelled"));
            throw;
        }
    }

    /// <summary>Has libvirtd send the events of a kind, of all domains, from now on.</summary>
    public Task<int> RegisterAsync(DomainEventKind kind, TimeSpan timeout, CancellationToken cancellationToken)
        => CallAsync(Procedures.ConnectDomainEventCallbackRegisterAny, writer => writer.Int((int)kind).Bool(false), (ref reader) => reader.ReadInt(), timeout, cancellationToken);

    /// <summary>Says goodbye, so that libvirtd frees what it holds for us, and closes. Pending calls fail.</summary>
    public async ValueTask DisposeAsync()
    {
        if (IsOpen)
        {
            try
            {
                // Not while calls are pending: libvirtd would answer them first.
                if (CallsInFlight == 0)
                {
                    await CallAsync(Procedures.ConnectClose, null, (ref _) => true, GoodbyeTimeout, CancellationToken.None);
                }
            }
            catch (LibvirtException)
            {
                // Over it is in any case.
            }
        }

        End(new LibvirtException(LibvirtFault.Closed, "the connection was closed"));
    }

    // A stream that opened after its time was up belongs to nobody.
    private static async Task DisposeLateAsync(Task<Stream> opening)
    {
        try
        {
            await (await opening).DisposeAsync();
        }
        catch (Exception)
        {
            // It did not open, or did not close: there is nobody to tell.
        }
    }

    // Order as in src/remote/remote_driver.c: authentication, keepalive, open.
    private async Task GreetAsync(CancellationToken cancellationToken)
    {
        var timeout = _settings.ConnectTimeout;
        var types = await CallAsync(Procedures.AuthList, null, (ref reader) => reader.ReadList(WireLimits.MaxAuthTypes, (ref inner) => inner.ReadInt()), timeout, cancellationToken);
        if (types.Count > 0 && !types.Contains(AuthNone))
        {
            await AuthenticateAsync(types, cancellationToken);
        }

        var keepalive = _settings.KeepaliveCount > 0
            && await CallAsync(Procedures.ConnectSupportsFeature, writer => writer.Int(KeepaliveFeature), (ref reader) => reader.ReadBool(), timeout, cancellationToken);
        await CallAsync(Procedures.ConnectOpen, writer => writer.OptionalString(_settings.Uri).UInt(0), (ref _) => true, timeout, cancellationToken);
        if (keepalive)
        {
            _ = KeepaliveLoopAsync();
        }
    }

    private const int AuthNone = 0;
    private const int AuthPolkit = 2;

    private async Task AuthenticateAsync(List<int> types, CancellationToken cancellationToken)
    {
        if (!types.Contains(AuthPolkit))
        {
            throw new LibvirtException(LibvirtFault.AuthenticationFailed, "libvirtd asks for a password (SASL), which this client does not do; use its local socket as root");
        }

        try
        {
            await CallAsync(Procedures.AuthPolkit, null, (ref reader) => reader.ReadBool(), _settings.ConnectTimeout, cancellationToken);
        }
        catch (LibvirtException fault) when (fault.Fault is LibvirtFault.Rejected)
        {
            throw new LibvirtException(LibvirtFault.AuthenticationFailed, $"libvirtd's polkit does not let this process in: {fault.LibvirtMessage}", fault);
        }
    }

    private void End(LibvirtException fault)
    {
        PendingCall[] calls;
        lock (_gate)
        {
            if (_fault is not null)
            {
                return;
            }

            _fault = fault;
            calls = [.. _pending.Values];
            _pending.Clear();
        }

        foreach (var call in calls)
        {
            call.Fail(fault);
        }

        _packets.Writer.TryComplete(_streaming is { } streaming ? fault.ForCall(streaming.Name, requestSent: true) : fault);
        _lifetime.Cancel();
        _ended.TrySetResult(fault);
        _ = CloseStreamAsync();
    }

    private async Task CloseStreamAsync()
    {
        try
        {
            await _stream.DisposeAsync();
        }
        catch (Exception)
        {
            // A broken stream may complain about being closed.
        }
    }
}
