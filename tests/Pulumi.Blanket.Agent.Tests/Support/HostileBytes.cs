using System.Buffers.Binary;
using System.Text;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Pulumi.Blanket.Contract;

namespace Pulumi.Blanket.Agent.Tests.Support;

/// <summary>What nobody who means well sends.</summary>
internal static class HostileBytes
{
    private const int Data = 0;
    private const int Headers = 1;
    private const int Reset = 3;
    private const int Settings = 4;
    private const int Ping = 6;
    private const int Continuation = 9;
    private const int EndStream = 1;
    private const int EndHeaders = 4;

    public static byte[] Garbage(Random random, int limit = 2000)
    {
        var bytes = new byte[random.Next(limit)];
        random.NextBytes(bytes);
        return bytes;
    }

    /// <summary>Frames of HTTP/2 after a sound start, each sound in its length alone.</summary>
    public static byte[] Frames(Random random)
    {
        using MemoryStream stream = new();
        Start(stream);
        for (var frame = random.Next(20); frame >= 0; frame--)
        {
            Frame(stream, random.Next(11), random.Next(256), random.Next(8), Garbage(random, 200));
        }

        return stream.ToArray();
    }

    /// <summary>Sound frames, and too much of them.</summary>
    public static byte[] Flood(Random random)
    {
        using MemoryStream stream = new();
        Start(stream);
        var count = random.Next(100, 2000);
        switch (random.Next(5))
        {
            case 0: // one header, 16 KiB a frame, that never ends
                Frame(stream, Headers, 0, 1, Call());
                for (var part = 0; part < count / 4; part++)
                {
                    Frame(stream, Continuation, 0, 1, Header($"x-{part}", new string('a', 16_000)));
                }

                break;
            case 1:
                for (var ping = 0; ping < count; ping++)
                {
                    Frame(stream, Ping, 0, 0, new byte[8]);
                }

                break;
            case 2: // calls that are taken back at once
                for (var call = 0; call < count; call++)
                {
                    Frame(stream, Headers, EndHeaders, (call * 2) + 1, Call());
                    Frame(stream, Reset, 0, (call * 2) + 1, [0, 0, 0, 8]);
                }

                break;
            case 3: // calls whose message never comes
                for (var call = 0; call < count; call++)
                {
                    Frame(stream, Headers, EndHeaders, (call * 2) + 1, Call());
                    Frame(stream, Data, 0, (call * 2) + 1, [0, 0x7f, 0xff, 0xff, 0xff]);
                }

                break;
            default: // a table of headers as large as a number can be
                for (var settings = 0; settings < count; settings++)
                {
                    Frame(stream, Settings, 0, 0, [0, 1, 0xff, 0xff, 0xff, 0xff]);
                }

                break;
        }

        return stream.ToArray();
    }

    /// <summary>The body of a call: garbage, or a sound message with some of its bytes changed, mostly one that the method takes, in gRPC's frame or without.</summary>
    public static byte[] Body(Random random, MessageDescriptor wanted, IReadOnlyList<IMessage> sound)
    {
        var fitting = sound.Where(message => message.Descriptor == wanted).ToList();
        var from = fitting.Count == 0 || random.Next(5) == 0 ? sound : fitting;
        var body = random.Next(8) == 0 ? Garbage(random) : Changed(random, from[random.Next(from.Count)].ToByteArray());
        if (random.Next(10) == 0)
        {
            return body;
        }

        var framed = new byte[body.Length + 5];
        framed[0] = (byte)(random.Next(20) == 0 ? 1 : 0); // compressed, it says
        BinaryPrimitives.WriteInt32BigEndian(framed.AsSpan(1), random.Next(20) == 0 ? random.Next() : body.Length);
        body.CopyTo(framed, 5);
        return framed;
    }

    /// <summary>A message of each kind as callers send them, none of which ends what the host is used for.</summary>
    public static IReadOnlyList<IMessage> Sound(FabricFacts facts, HostSettings settings)
    {
        var newer = facts.Clone();
        newer.Version += 1000;
        FabricFacts hollow = new() { FabricId = facts.FabricId, Version = facts.Version + 2000, Primary = facts.Primary, Term = facts.Term };
        return
        [
            new AdoptRequest { Urn = "urn:fuzz", Settings = settings },
            new ReleaseRequest { Urn = "urn:fuzz" },
            new PrepareRequest { FabricId = facts.FabricId },
            new ChangeRequest { FabricId = facts.FabricId, ExpectedVersion = facts.Version, Settings = facts.Settings, Departing = { facts.Primary }, Join = { new JoiningMember { Member = facts.Members[0] } } },
            new ChangeRequest { FabricId = facts.FabricId, ExpectedVersion = facts.Version, Join = { new JoiningMember() } },
            new TakeOverRequest { FabricId = facts.FabricId, LostPrimary = facts.Primary },
            new LeaveRequest { FabricId = "fabric00none" },
            new HoldRequest { Name = "fabric", Holder = "fuzz" },
            newer,
            hollow,
        ];
    }

    /// <summary>Some bytes of a sound message are others, and its end may be missing.</summary>
    public static byte[] Changed(Random random, byte[] bytes)
    {
        for (var change = random.Next(6); change > 0; change--)
        {
            bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
        }

        return random.Next(3) == 0 ? bytes[..random.Next(bytes.Length / 2, bytes.Length + 1)] : bytes;
    }

    private static void Start(MemoryStream stream)
    {
        stream.Write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8);
        Frame(stream, Settings, 0, 0, []);
    }

    private static void Frame(MemoryStream stream, int type, int flags, int id, ReadOnlySpan<byte> payload)
    {
        Span<byte> head = stackalloc byte[9];
        BinaryPrimitives.WriteInt32BigEndian(head, (payload.Length << 8) | type);
        head[4] = (byte)flags;
        BinaryPrimitives.WriteInt32BigEndian(head[5..], id);
        stream.Write(head);
        stream.Write(payload);
    }

    // POST, http and the rest, by their numbers in HPACK's table or as they are (RFC 7541, appendix A and section 6.2.2).
    private static byte[] Call()
        => [0x83, 0x86, .. Header(":path", "/blanket.agent.FabricAgent/Ping"), .. Header(":authority", "agent"), .. Header("content-type", "application/grpc"), .. Header("te", "trailers")];

    private static byte[] Header(string name, string value) => [0, .. Text(name), .. Text(value)];

    private static byte[] Text(string text)
    {
        // A length below 127 is one byte, else 127 and the rest in groups of seven bits.
        using MemoryStream stream = new();
        stream.WriteByte((byte)Math.Min(text.Length, 127));
        if (text.Length >= 127)
        {
            var rest = text.Length - 127;
            for (; rest >= 128; rest >>= 7)
            {
                stream.WriteByte((byte)(rest & 127 | 128));
            }

            stream.WriteByte((byte)rest);
        }

        stream.Write(Encoding.ASCII.GetBytes(text));
        return stream.ToArray();
    }
}
