using Pulumi.Blanket.Agent.Fabrics;
using Pulumi.Blanket.Agent.Machine;
using Pulumi.Blanket.Agent.Registry;
using Pulumi.Blanket.Agent.Serving;
using Pulumi.Blanket.Contract;

namespace Pulumi.Blanket.Agent.Images;

/// <summary>Gets images here, each once at a time, however many ask for it; and removes those that nobody needs here any more.</summary>
internal sealed class ImageJobs(FabricStore fabrics, ImageStore store, ImageRoom room, PeerChannels peers, IImageUsers users, AgentLifetime lifetime) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Job> _jobs = [];

    /// <summary>Held while it is decided that nobody needs an image, and while it is looked whether one is here.</summary>
    private readonly SemaphoreSlim _gate = new(1);

    /// <summary>Sees to it that a registered image is here: from another member, or from where it came.</summary>
    /// <param name="progress">Told how far it is, where it has to be fetched.</param>
    /// <param name="source">The URL that it is registered with, with what lets its caller in; empty: as it is registered.</param>
    /// <exception cref="AgentException">Nobody who answers has it.</exception>
    public async Task<StoredImage> EnsureAsync(string sha256, Action<ImageProgress> progress, CancellationToken cancellationToken, string source = "")
    {
        Job job;
        await _gate.WaitAsync(cancellationToken);
        try
        {
            if (store.Find(sha256) is { } here)
            {
                return AsRegistered(here, sha256);
            }

            job = Begin(sha256, told => FetchAsync(sha256, source, told, lifetime.Stopping), progress);
        }
        finally
        {
            _gate.Release();
        }

        return AsRegistered(await job.WaitAsync(progress, cancellationToken), sha256);
    }

    /// <summary>Takes an image's bytes from a caller, in place of fetching it.</summary>
    /// <param name="receive">Is told where the bytes go, and brings them there.</param>
    public async Task<StoredImage> ReceiveAsync(ImageFacts image, Func<string, Task> receive, Action<ImageProgress> progress, CancellationToken cancellationToken)
    {
        if (store.Find(image.Sha256) is { } here)
        {
            return here;
        }

        var job = Begin(image.Sha256, async told =>
        {
            await receive(ImageStore.IncomingOf(image.Sha256));
            return await new IncomingImage(store, room, image, told).FinishAsync(lifetime.Stopping);
        }, progress);
        return await job.WaitAsync(progress, cancellationToken);
    }

    /// <summary>Removes images that no machine here uses and that are not this member's to keep.</summary>
    public async Task SweepAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            var kept = (fabrics.Current?.Images ?? []).Where(image => image.Home == MachineFacts.MachineId).Select(image => image.Sha256).ToHashSet(StringComparer.Ordinal);
            var candidates = ImageStore.List().Where(sha256 => !kept.Contains(sha256)).ToList();
            if (candidates.Count == 0)
            {
                return;
            }

            kept.UnionWith(await users.UsedImagesAsync(cancellationToken));
            lock (_lock)
            {
                kept.UnionWith(_jobs.Keys);
            }

            foreach (var sha256 in candidates.Where(sha256 => !kept.Contains(sha256)))
            {
                store.Delete(sha256);
            }
        }
        finally
        {
            _gate.Release();
        }
    }

    public void Dispose() => _gate.Dispose();

    /// <summary>
    /// What is here was inspected here. Whoever can change the registry could have an image's bytes read as something else: a raw disk, which its publisher or a guest has
    /// filled, as a qcow2 image that names files of the host.
    /// </summary>
    private StoredImage AsRegistered(StoredImage here, string sha256)
        => fabrics.Current?.Images.FirstOrDefault(image => image.Sha256 == sha256) is not { Stored: { } stored } image
            || (stored.Format == here.Format && stored.VirtualSizeBytes == here.VirtualSizeBytes)
            ? here
            : throw new AgentException(AgentFault.NotPossible,
                $"the image {image.Name} is {here.Format} with {here.VirtualSizeBytes} bytes on this host, and the fabric's registry says {stored.Format} with {stored.VirtualSizeBytes}; delete its Image resource, and make it anew");

    private Job Begin(string sha256, Func<Action<ImageProgress>, Task<StoredImage>> work, Action<ImageProgress> progress)
    {
        lock (_lock)
        {
            if (_jobs.TryGetValue(sha256, out var running))
            {
                running.Listen(progress);
                return running;
            }

            Job job = new();
            job.Listen(progress);
            _jobs.Add(sha256, job);
            var task = Task.Run(async () =>
            {
                try
                {
                    return await work(job.Tell);
                }
                finally
                {
                    lock (_lock)
                    {
                        _jobs.Remove(sha256);
                    }
                }
            }, CancellationToken.None);
            job.Start(task);
            lifetime.Track(task);
            return job;
        }
    }

    private async Task<StoredImage> FetchAsync(string sha256, string given, Action<ImageProgress> progress, CancellationToken cancellationToken)
    {
        var facts = fabrics.Current ?? throw new AgentException(AgentFault.NotPossible, "this host is in no fabric");
        var image = ImageChange.Find(facts, sha256);
        List<string> failures = [];
        if (image.Stored is { } stored)
        {
            // Its home has it for certain; any other member may have it, too.
            foreach (var peer in facts.Members.Where(member => member.MachineId != MachineFacts.MachineId).OrderByDescending(member => member.MachineId == image.Home))
            {
                try
                {
                    return await new ImageTransfer(store, room, peers, progress).CopyAsync(facts, peer, image, stored, cancellationToken);
                }
                catch (AgentException fault) when (fault.Fault != AgentFault.NoRoom)
                {
                    failures.Add(fault.Message);
                }
            }
        }

        if (Uri.TryCreate(ImageUrl.WithoutSecrets(given) == ImageUrl.WithoutSecrets(image.Source) ? given : image.Source, UriKind.Absolute, out var source) && source.Scheme is "http" or "https")
        {
            return await new IncomingImage(store, room, image, progress).DownloadAsync(source, cancellationToken);
        }

        throw new AgentException(AgentFault.Unavailable,
            $"the image {image.Name} is on no member that answers{(failures.Count == 0 ? "" : $" ({string.Join("; ", failures)})")}; run the update of its Image resource, which brings it again");
    }

    /// <summary>One image on its way here, and all who wait for it.</summary>
    private sealed class Job
    {
        private readonly Lock _lock = new();
        private readonly List<Action<ImageProgress>> _listeners = [];
        private readonly TaskCompletionSource<Task<StoredImage>> _started = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Start(Task<StoredImage> task) => _started.SetResult(task);

        public void Listen(Action<ImageProgress> listener)
        {
            lock (_lock)
            {
                _listeners.Add(listener);
            }
        }

        public void Tell(ImageProgress progress)
        {
            lock (_lock)
            {
                _listeners.ForEach(listener => listener(progress));
            }
        }

        public async Task<StoredImage> WaitAsync(Action<ImageProgress> listener, CancellationToken cancellationToken)
        {
            try
            {
                return await (await _started.Task).WaitAsync(cancellationToken);
            }
            finally
            {
                lock (_lock)
                {
                    _listeners.Remove(listener);
                }
            }
        }
    }
}
