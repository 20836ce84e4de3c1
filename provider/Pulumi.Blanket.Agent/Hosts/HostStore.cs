using Pulumi.Blanket.Agent.Machine;

namespace Pulumi.Blanket.Agent.Hosts;

/// <summary>What this host is to us; on the disk before anybody is told.</summary>
internal sealed class HostStore
{
    private readonly Lock _lock = new();
    private HostRecord? _record = RegistryFile.Read<HostRecord>(AgentPaths.HostRecord);

    /// <summary>Raised after a change, outside the lock.</summary>
    public event Action? Changed;

    /// <summary>A copy; null where the host is not adopted.</summary>
    public HostRecord? Record
    {
        get
        {
            lock (_lock)
            {
                return _record?.Clone();
            }
        }
    }

    public HostRecord Change(Action<HostRecord> change)
    {
        HostRecord record;
        lock (_lock)
        {
            record = _record?.Clone() ?? new HostRecord();
            change(record);
            if (!record.Equals(_record))
            {
                DurableFile.MakeFolder(AgentPaths.State, DurableFile.OpenFolder);
                RegistryFile.Write(AgentPaths.HostRecord, record);
            }

            _record = record.Clone();
        }

        Changed?.Invoke();
        return record;
    }

    public void Delete()
    {
        lock (_lock)
        {
            DurableFile.Delete(AgentPaths.HostRecord);
            _record = null;
        }
    }
}
