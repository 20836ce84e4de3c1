using Microsoft.Extensions.Logging;
using Pulumi.Blanket.Contract;

namespace Pulumi.Blanket.Agent.Networks;

/// <summary>
/// Whether the host's part of mesh and networks is as it was left: what the kernel told, on the host and in each gateway, since it was made. So a round in which nothing changed starts no
/// process.
/// </summary>
internal sealed partial class NetworkWatch(ILogger<NetworkWatch> log) : IDisposable
{
    private readonly Dictionary<string, NetworkChanges> _watched = new(StringComparer.Ordinal);
    private bool _isWatching;

    /// <summary>Begins anew: what is there now is as it has to be.</summary>
    public void Begin(FabricFacts facts)
    {
        try
        {
            var gateways = facts.Networks.Select(static network => OverlayNetwork.Gateway(network.Vni)).ToHashSet(StringComparer.Ordinal);
            foreach (var gone in _watched.Keys.Where(name => name.Length > 0 && !gateways.Contains(name)).ToList())
            {
                Forget(gone);
            }

            Watch("", NetworkChanges.Open);
            foreach (var name in gateways)
            {
                Watch(name, () => NetworkNamespace.Run(name, NetworkChanges.Open));
            }

            _isWatching = true;
        }
        catch (Exception fault) when (fault is AgentException or IOException)
        {
            // Then each round makes everything true again, as if something had changed.
            End();
            LogBlind(log, fault.Message);
        }
    }

    /// <summary>Nothing is as it has to be until the next <see cref="Begin"/>.</summary>
    public void End()
    {
        _isWatching = false;
        foreach (var name in _watched.Keys.ToList())
        {
            Forget(name);
        }
    }

    /// <summary>Whether anything changed since <see cref="Begin"/>, or might have.</summary>
    public bool HasChanged()
    {
        if (!_isWatching)
        {
            return true;
        }

        foreach (var watched in _watched.Values)
        {
            if (watched.Take())
            {
                _isWatching = false;
            }
        }

        return !_isWatching;
    }

    public void Dispose() => End();

    /// <summary>Anew each time: what goes by that name may be another one by now.</summary>
    private void Watch(string name, Func<NetworkChanges> open)
    {
        Forget(name);
        _watched[name] = open();
    }

    private void Forget(string name)
    {
        if (_watched.Remove(name, out var changes))
        {
            changes.Dispose();
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "changes of the host's networks can't be watched, so they are made anew in each round: {Reason}")]
    private static partial void LogBlind(ILogger logger, string reason);
}
