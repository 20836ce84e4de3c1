using System.Buffers.Binary;
using System.Net.Sockets;
using Pulumi.Blanket.Provider.Ssh.Wire;

namespace Pulumi.Blanket.Provider.Ssh.Keys;

/// <summary>
/// A client of the user's SSH agent: lists its keys and has it sign. The protocol is that of draft-ietf-sshm-ssh-agent:
/// a length, a type and a body each way.
/// </summary>
internal sealed class SshAgentClient(string path)
{
    private const byte Failure = 5;
    private const byte RequestIdentities = 11;
    private const byte Identities = 12;
    private const byte SignRequest = 13;
    private const byte SignResponse = 14;
    private const int MaxMessage = 256 * 1024;

    // An agent may ask its user first.
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(10);

    /// <summary>The agent's public keys, as they go over the wire; only those of kinds that can log in.</summary>
    /// <exception cref="SshException"><see cref="SshFailure.SshAgentUnavailable"/></exception>
    public IReadOnlyList<SshAgentKey> ListKeys()
    {
        var answer = Ask(RequestIdentities, [], Identities);
        WireReader reader = new(answer);
        List<SshAgentKey> keys = [];
        for (var left = reader.ReadUInt32(); left > 0; left--)
        {
            var blob = reader.ReadBytes().ToArray();
            reader.ReadBytes();
            if (SshHostKey.FromBlob(blob) is { } known && SshAgentKey.Create(this, blob, known.Type) is { } key)
            {
                keys.Add(key);
            }
        }

        return keys;
    }

    /// <summary>A signature, with its algorithm's name before it, by the key that is given.</summary>
    public byte[] Sign(byte[] key, byte[] data, uint flags)
    {
        WireWriter body = new();
        body.WriteBytes(key);
        body.WriteBytes(data);
        body.WriteUInt32(flags);
        return new WireReader(Ask(SignRequest, body.ToArray(), SignResponse)).ReadBytes().ToArray();
    }

    // The library asks for signatures synchronously, on a thread of its own choosing: so this has to be synchronous too.
    private byte[] Ask(byte type, byte[] body, byte expected)
    {
        try
        {
            using Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
            {
                SendTimeout = (int)AnswerTimeout.TotalMilliseconds,
                ReceiveTimeout = (int)AnswerTimeout.TotalMilliseconds,
            };
            socket.Connect(new UnixDomainSocketEndPoint(path));
            var request = new byte[5 + body.Length];
            BinaryPrimitives.WriteUInt32BigEndian(request, (uint)body.Length + 1);
            request[4] = type;
            body.CopyTo(request, 5);
            using NetworkStream stream = new(socket);
            stream.Write(request);
            var head = new byte[5];
            stream.ReadExactly(head);
            var length = BinaryPrimitives.ReadUInt32BigEndian(head);
            if (length is 0 or > MaxMessage)
            {
                throw new InvalidDataException("it answers with something else than the agent protocol");
            }

            var answer = new byte[length - 1];
            stream.ReadExactly(answer);
            return head[4] == expected
                ? answer
                : throw new InvalidDataException(head[4] == Failure ? "it refused" : "it answers with something else than the agent protocol");
        }
        catch (Exception fault) when (fault is SocketException or IOException or InvalidDataException or ArgumentException)
        {
            throw new SshException(SshFailure.SshAgentUnavailable,
                $"the SSH agent at {path} can't be used: {fault.Message}; check that it runs and holds the key (`ssh-add -l`), or give a private key or password", fault);
        }
    }
}
