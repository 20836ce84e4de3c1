using System.Buffers.Binary;
using System.Security.Cryptography;
using Pulumi.Blanket.Provider.Ssh.Sftp;
using Pulumi.Blanket.Provider.Ssh.Wire;

namespace Pulumi.Blanket.Provider.Ssh.Connections;

/// <content>Files on the host, by SFTP over a channel of the same connection.</content>
public sealed partial class SshConnection
{
    // Where distributions keep OpenSSH's server: Debian, Red Hat, SUSE and Arch and Alpine, older SUSE. Nothing of a user stands in it.
    private const string SftpCommand =
        "exec sh -c 'for server in /usr/lib/openssh/sftp-server /usr/libexec/openssh/sftp-server /usr/libexec/ssh/sftp-server /usr/lib/ssh/sftp-server /usr/libexec/sftp-server /usr/lib/sftp-server; do if [ -x \"$server\" ]; then exec \"$server\"; fi; done; exit 127'";

    private const string RenameExtension = "posix-rename@openssh.com";
    private const string SyncExtension = "fsync@openssh.com";
    private const int BlocksInFlight = 64;
    private const uint OpenRead = 1;
    private const uint OpenWriteNew = 2 | 8 | 32;
    private const uint HasPermissions = 4;
    private const uint OwnerOnly = 0b110_000_000;
    private static readonly TimeSpan CleanUpTimeout = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Writes a file: under another name in the same folder first, synced, then renamed. So there is the old file or the whole new one under
    /// <paramref name="path"/>, whatever happens. A half is deleted again where the host can still be reached.
    /// </summary>
    /// <param name="mode">Permissions of the file; until it is whole, only the account can read it.</param>
    /// <param name="progress">Bytes that the host confirmed, up to now.</param>
    /// <exception cref="SshException">The file could not be written; there is no SFTP server; or the connection was lost.</exception>
    public async Task UploadAsync(Stream content, string path, UnixFileMode mode, IProgress<long>? progress = null, CancellationToken cancellationToken = default)
        => await UseSftpAsync($"writing {path}", async (sftp, token) =>
        {
            var part = $"{path}.{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(6))}.blanket-part";
            var handle = await OpenAsync(sftp, part, OpenWriteNew, OwnerOnly, token);
            try
            {
                await WriteAllAsync(sftp, handle, content, progress, token);
                await sftp.AskAsync(SftpType.SetFileStatus, packet =>
                {
                    packet.WriteBytes(handle);
                    packet.WriteUInt32(HasPermissions);
                    packet.WriteUInt32((uint)mode);
                }, SftpType.Status, token);
                if (sftp.Extensions.Contains(SyncExtension))
                {
                    await sftp.AskAsync(SftpType.Extended, packet =>
                    {
                        packet.WriteText(SyncExtension);
                        packet.WriteBytes(handle);
                    }, SftpType.Status, token);
                }

                await sftp.AskAsync(SftpType.Close, packet => packet.WriteBytes(handle), SftpType.Status, token);
                await RenameAsync(sftp, part, path, token);
            }
            catch
            {
                await DropAsync(sftp, handle, part);
                throw;
            }

            return true;
        }, cancellationToken);

    /// <summary>The first bytes of a file; fewer where it is shorter.</summary>
    public async Task<byte[]> ReadStartAsync(string path, int count, CancellationToken cancellationToken = default)
        => await UseSftpAsync($"reading {path}", async (sftp, token) =>
        {
            var handle = await OpenAsync(sftp, path, OpenRead, null, token);
            using MemoryStream start = new();
            while (start.Length < count)
            {
                var offset = (ulong)start.Length;
                try
                {
                    var body = await sftp.AskAsync(SftpType.Read, packet =>
                    {
                        packet.WriteBytes(handle);
                        packet.WriteUInt64(offset);
                        packet.WriteUInt32((uint)Math.Min(count - start.Length, SftpSession.BlockSize));
                    }, SftpType.Data, token);
                    start.Write(Data(body));
                }
                catch (SftpFault fault) when (fault.Status == SftpStatus.Eof)
                {
                    break;
                }
            }

            await sftp.AskAsync(SftpType.Close, packet => packet.WriteBytes(handle), SftpType.Status, token);
            return start.ToArray();
        }, cancellationToken);

    /// <summary>The host's processors, as <c>uname -m</c> names them, read from the head of its shell: <c>x86_64</c> or <c>aarch64</c>.</summary>
    /// <exception cref="SshException">They are others: <see cref="SshFailure.UnknownArchitecture"/>.</exception>
    public async Task<string> GetArchitectureAsync(CancellationToken cancellationToken = default)
    {
        const string Shell = "/bin/sh";
        var head = await ReadStartAsync(Shell, 20, cancellationToken);
        if (head.Length < 20 || !head.AsSpan().StartsWith("\u007fELF"u8))
        {
            throw new SshException(SshFailure.UnknownArchitecture, $"{Target} has no Linux program as {Shell}; a host has to run Linux on x86_64 or aarch64");
        }

        // e_machine, in the byte order that e_ident names.
        var machine = head[5] == 2 ? BinaryPrimitives.ReadUInt16BigEndian(head.AsSpan(18)) : BinaryPrimitives.ReadUInt16LittleEndian(head.AsSpan(18));
        return machine switch
        {
            62 => "x86_64",
            183 => "aarch64",
            _ => throw new SshException(SshFailure.UnknownArchitecture, $"{Target} has processors of ELF machine {machine}, for which there is no agent; a host has to be x86_64 or aarch64"),
        };
    }

    /// <summary>Makes a folder; one that is there already is left as it is.</summary>
    public async Task MakeDirectoryAsync(string path, UnixFileMode mode, CancellationToken cancellationToken = default)
        => await UseSftpAsync($"making the folder {path}", async (sftp, token) =>
        {
            try
            {
                await sftp.AskAsync(SftpType.MakeDirectory, packet =>
                {
                    packet.WriteText(path);
                    packet.WriteUInt32(HasPermissions);
                    packet.WriteUInt32((uint)mode);
                }, SftpType.Status, token);
            }
            catch (SftpFault fault) when (fault.Status == SftpStatus.Failure)
            {
                // That is all that version 3 says of one that exists; of anything else the next request says more.
                await sftp.AskAsync(SftpType.Stat, packet => packet.WriteText(path), SftpType.Attributes, token);
            }

            return true;
        }, cancellationToken);

    /// <summary>Deletes a file; one that is not there is as well.</summary>
    public async Task DeleteAsync(string path, CancellationToken cancellationToken = default)
        => await UseSftpAsync($"deleting {path}", async (sftp, token) =>
        {
            try
            {
                await sftp.AskAsync(SftpType.Remove, packet => packet.WriteText(path), SftpType.Status, token);
            }
            catch (SftpFault fault) when (fault.Status == SftpStatus.NoSuchFile)
            {
                // It is not there.
            }

            return true;
        }, cancellationToken);

    private async Task<T> UseSftpAsync<T>(string what, Func<SftpSession, CancellationToken, Task<T>> use, CancellationToken cancellationToken)
    {
        var channel = await OpenChannelAsync(SftpCommand, cancellationToken);
        try
        {
            await using var sftp = await SftpSession.StartAsync(channel, cancellationToken);
            return await use(sftp, cancellationToken);
        }
        catch (SftpFault fault)
        {
            var why = fault.Status switch
            {
                SftpStatus.NoSuchFile => "there is no such file or folder",
                SftpStatus.PermissionDenied => $"the user {Target.User} may not",
                SftpStatus.Failure => "the host could not; its disk may be full, or the path is of another kind",
                _ => fault.Message,
            };
            throw new SshException(SshFailure.FileFailed, $"{what} on {Target} failed: {why}", fault);
        }
        catch (SshException fault) when (fault.Failure == SshFailure.CommandFailed && fault.ExitStatus == 127)
        {
            throw new SshException(SshFailure.NoSftp, $"{what} on {Target} failed: there is no SFTP server on the host; install it (Debian: openssh-sftp-server, Red Hat: openssh-server)", fault);
        }
        catch (Exception fault) when (fault is InvalidDataException or EndOfStreamException)
        {
            throw new SshException(SshFailure.NoSftp, $"{what} on {Target} failed: {fault.Message}", fault);
        }
        finally
        {
            await channel.DisposeAsync();
        }
    }

    private static async Task WriteAllAsync(SftpSession sftp, byte[] handle, Stream content, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        Queue<(Task Answer, int Count)> inFlight = new();
        var block = new byte[SftpSession.BlockSize];
        long sent = 0, confirmed = 0;
        try
        {
            while (await content.ReadAtLeastAsync(block, block.Length, throwOnEndOfStream: false, cancellationToken) is > 0 and var count)
            {
                if (inFlight.Count >= BlocksInFlight)
                {
                    await ConfirmAsync();
                }

                var offset = (ulong)sent;
                var answer = await sftp.SendAsync(SftpType.Write, packet =>
                {
                    packet.WriteBytes(handle);
                    packet.WriteUInt64(offset);
                    packet.WriteBytes(block.AsSpan(0, count));
                }, SftpType.Status, cancellationToken);
                inFlight.Enqueue((answer, count));
                sent += count;
            }

            while (inFlight.Count > 0)
            {
                await ConfirmAsync();
            }
        }
        finally
        {
            foreach (var (answer, _) in inFlight)
            {
                // The first failure is told; those after it are of the same cause.
                _ = answer.ContinueWith(static late => _ = late.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
            }
        }

        async Task ConfirmAsync()
        {
            var (answer, count) = inFlight.Dequeue();
            await answer;
            confirmed += count;
            progress?.Report(confirmed);
        }
    }

    private static async Task RenameAsync(SftpSession sftp, string from, string to, CancellationToken cancellationToken)
    {
        if (sftp.Extensions.Contains(RenameExtension))
        {
            await sftp.AskAsync(SftpType.Extended, packet =>
            {
                packet.WriteText(RenameExtension);
                packet.WriteText(from);
                packet.WriteText(to);
            }, SftpType.Status, cancellationToken);
            return;
        }

        // The plain one does not replace: here there is a moment without either file, but never one with a half.
        try
        {
            await sftp.AskAsync(SftpType.Remove, packet => packet.WriteText(to), SftpType.Status, cancellationToken);
        }
        catch (SftpFault fault) when (fault.Status == SftpStatus.NoSuchFile)
        {
            // Nothing to replace.
        }

        await sftp.AskAsync(SftpType.Rename, packet =>
        {
            packet.WriteText(from);
            packet.WriteText(to);
        }, SftpType.Status, cancellationToken);
    }

    private static async Task DropAsync(SftpSession sftp, byte[] handle, string part)
    {
        using CancellationTokenSource limit = new(CleanUpTimeout);
        foreach (var (type, write) in new (SftpType, Action<WireWriter>)[] { (SftpType.Close, packet => packet.WriteBytes(handle)), (SftpType.Remove, packet => packet.WriteText(part)) })
        {
            try
            {
                await sftp.AskAsync(type, write, SftpType.Status, limit.Token);
            }
            catch (Exception)
            {
                // What made the upload fail is told; that its half could not be deleted follows from it.
            }
        }
    }

    private static async Task<byte[]> OpenAsync(SftpSession sftp, string path, uint flags, uint? permissions, CancellationToken cancellationToken)
    {
        var body = await sftp.AskAsync(SftpType.Open, packet =>
        {
            packet.WriteText(path);
            packet.WriteUInt32(flags);
            packet.WriteUInt32(permissions is null ? 0 : HasPermissions);
            if (permissions is { } value)
            {
                packet.WriteUInt32(value);
            }
        }, SftpType.Handle, cancellationToken);
        return Data(body);
    }

    private static byte[] Data(byte[] body) => new WireReader(body).ReadBytes().ToArray();
}
