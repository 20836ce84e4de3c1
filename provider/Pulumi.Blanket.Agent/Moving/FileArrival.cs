using Grpc.Core;
using Pulumi.Blanket.Agent.Images;
using Pulumi.Blanket.Agent.Timing;
using Pulumi.Blanket.Contract;

namespace Pulumi.Blanket.Agent.Moving;

/// <summary>Writes the files of a machine that comes while it is off, with holes where nothing was sent.</summary>
internal static class FileArrival
{
    /// <param name="from">Stands on its first part.</param>
    /// <returns>Bytes that came. All of it is on the disk then.</returns>
    /// <exception cref="AgentException">What came is not whole.</exception>
    public static async Task<long> TakeAsync(MoveOrder order, IAsyncStreamReader<MovedBytes> from, AgentClock clock, CancellationToken cancellationToken)
    {
        var paths = MovedFiles.Of(order);
        HashSet<int> whole = [];
        var bytes = 0L;
        do
        {
            var file = from.Current.File;
            var path = file >= 0 && file < paths.Count && paths[file].Length > 0 ? paths[file] : throw new AgentException(AgentFault.BadRequest, $"{order.Name} has no file {file}");
            bytes += whole.Add(file)
                ? await TakeFileAsync(path, file, MovedFiles.MostBytes(order, file), from, clock, cancellationToken)
                : throw new AgentException(AgentFault.BadRequest, $"the file {path} came twice");
        }
        while (await NextAsync(from, clock, cancellationToken));
        foreach (var disk in order.Disks.Where((_, index) => whole.Contains(index)))
        {
            Qcow2Chain.Check(disk.Path, disk.Image.Length > 0 ? ImageStore.PathOf(disk.Image) : "");
        }

        return order.Disks.Index().FirstOrDefault(disk => !whole.Contains(disk.Index)).Item is { } missing
            ? throw new AgentException(AgentFault.BadRequest, $"the disk {missing.Path} of {order.Name} did not come")
            : bytes;
    }

    private static async Task<long> TakeFileAsync(string path, int file, long mostBytes, IAsyncStreamReader<MovedBytes> from, AgentClock clock, CancellationToken cancellationToken)
    {
        var folder = Path.GetDirectoryName(path)!;
        if (!Directory.Exists(folder))
        {
            throw new AgentException(AgentFault.NotPossible, $"this host has no folder {folder}, where a file of the machine has to be");
        }

        // Nobody else's from its first moment on.
        await using FileStream stream = new(path, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, BufferSize = 0, UnixCreateMode = DurableFile.Private });
        var handle = stream.SafeFileHandle;
        File.SetUnixFileMode(path, DurableFile.Private); // libvirt gives it to QEMU
        var bytes = 0L;
        while (from.Current is { IsEnd: false } part)
        {
            Check(path, part.Offset, part.Data.Length, mostBytes);
            await RandomAccess.WriteAsync(handle, part.Data.Memory, part.Offset, cancellationToken);
            bytes += part.Data.Length;
            if (!await NextAsync(from, clock, cancellationToken) || from.Current.File != file)
            {
                throw new AgentException(AgentFault.BadRequest, $"the file {path} came without its end");
            }
        }

        Check(path, from.Current.Offset, 0, mostBytes);
        RandomAccess.SetLength(handle, from.Current.Offset);
        RandomAccess.FlushToDisk(handle);
        DurableFile.SyncFolder(folder);
        return bytes;
    }

    private static void Check(string path, long offset, int count, long mostBytes)
    {
        if (offset < 0 || offset > mostBytes - count)
        {
            throw new AgentException(AgentFault.BadRequest, $"the file {path} can have {mostBytes} bytes at most, and {count} came for place {offset}");
        }
    }

    private static async Task<bool> NextAsync(IAsyncStreamReader<MovedBytes> from, AgentClock clock, CancellationToken cancellationToken)
    {
        // A source that says nothing for so long is gone, or its link is: it says something every second.
        using CancellationTokenSource limit = new(clock.Timeouts.FileSilence, clock.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            return await from.MoveNext(either.Token);
        }
        catch (OperationCanceledException fault) when (!cancellationToken.IsCancellationRequested)
        {
            throw new AgentException(AgentFault.Unavailable, $"nothing came for {clock.Timeouts.FileSilence.TotalSeconds:0} s", fault);
        }
    }
}
