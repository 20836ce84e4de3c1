using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Pulumi.Blanket.Agent.Machine;
using Pulumi.Blanket.Agent.Serving;

namespace Pulumi.Blanket.Agent.Hosts;

/// <summary>What this host is to us; on the disk before anybody is told.</summary>
internal sealed class HostStore(ILogger<HostStore>? log = null)
{
    private readonly ILogger _log = log ?? NullLogger<HostStore>.Instance;
    private readonly Lock _lock = new();
    private readonly RegistryCopy<HostRecord> _record = new(static () => AgentPaths.HostRecord);

    /// <summary>Raised after a change, outside the lock.</summary>
    public event Action? Changed;

    /// <summary>A copy; null where the host is not adopted.</summary>
    /// <exception cref="AgentException">The file is damaged, so nobody knows whether it is.</exception>
    public HostRecord? Record
    {
        get
        {
            lock (_lock)
            {
                return _record.Message?.Clone();
            }
        }
    }

    public HostRecord Change(Action<HostRecord> change)
    {
        HostRecord record;
        lock (_lock)
        {
            record = _record.Message?.Clone() ?? new HostRecord();
            change(record);
            if (!record.Equals(_record.Message))
            {
                DurableFile.MakeFolder(AgentPaths.State, DurableFile.OpenFolder);
                RegistryFile.Write(AgentPaths.HostRecord, record);
            }

            _record.Set(record.Clone());
        }

        Changed.RaiseEach(_log);
        return record;
    }

    public void Delete()
    {
        lock (_lock)
        {
            DurableFile.Delete(AgentPaths.HostRecord);
            _record.Set(null);
        }
    }
}
