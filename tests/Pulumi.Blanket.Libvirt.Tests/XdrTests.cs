using System.Text;
using CsCheck;
using Pulumi.Blanket.Libvirt.Domains;
using Pulumi.Blanket.Libvirt.Errors;
using Pulumi.Blanket.Libvirt.Parameters;
using Pulumi.Blanket.Libvirt.Wire;

namespace Pulumi.Blanket.Libvirt.Tests;

public sealed class XdrTests
{
    private static readonly Gen<string> Texts = Gen.String[Gen.OneOf(Gen.Char['a', 'z'], Gen.Char['\u0001', '\ud7ff']), 0, 60];

    private static readonly Gen<TypedParameter> Parameters =
        from name in Gen.String[Gen.Char['a', 'z'], 1, 79]
        from value in Gen.OneOf(
            Gen.Int.Select(value => TypedParameter.Of(name, value)),
            Gen.UInt.Select(value => TypedParameter.Of(name, value)),
            Gen.Long.Select(value => TypedParameter.Of(name, value)),
            Gen.ULong.Select(value => TypedParameter.Of(name, value)),
            Gen.Double.Select(value => TypedParameter.Of(name, value)),
            Gen.Bool.Select(value => TypedParameter.Of(name, value)),
            Texts.Select(value => TypedParameter.Of(name, value)))
        select value;

    [Fact]
    public void Numbers_come_back() => Gen.Select(Gen.Int, Gen.UInt, Gen.Long, Gen.ULong, Gen.Double, Gen.Bool).Sample((i, u, l, ul, d, b) =>
    {
        XdrReader reader = new(Bytes(writer => writer.Int(i).UInt(u).Hyper(l).UHyper(ul).Double(d).Bool(b)));
        Assert.Equal((i, u, l, ul, d, b), (reader.ReadInt(), reader.ReadUInt(), reader.ReadHyper(), reader.ReadUHyper(), reader.ReadDouble(), reader.ReadBool()));
        Assert.Equal(0, reader.Remaining);
    });

    [Fact]
    public void Texts_bytes_and_UUIDs_come_back_padded_to_words() => Gen.Select(Texts, Texts.Null(), Gen.Byte.Array[0, 40], Gen.Guid).Sample((text, optional, bytes, uuid) =>
    {
        var written = Bytes(writer => writer.String(text).OptionalString(optional).Opaque(bytes).Uuid(uuid));
        Assert.Equal(0, written.Length % 4);
        XdrReader reader = new(written);
        Assert.Equal(text, reader.ReadString());
        Assert.Equal(optional, reader.ReadOptionalString());
        Assert.Equal(bytes, reader.ReadOpaque(40).ToArray());
        Assert.Equal(uuid, reader.ReadUuid());
        Assert.Equal(0, reader.Remaining);
    });

    [Fact]
    public void Parameters_come_back() => Parameters.List[0, 64].Sample(parameters =>
    {
        XdrReader reader = new(Bytes(writer => writer.List(parameters, 64, TypedParameter.Write)));
        Assert.Equal(parameters, TypedParameters.Read(ref reader, 64));
        Assert.Equal(0, reader.Remaining);
    });

    [Fact]
    public void Domains_come_back() => Gen.Select(Texts, Gen.Guid, Gen.Int).Sample((name, uuid, id) =>
    {
        XdrReader reader = new(Bytes(writer => DomainReference.Write(writer, new DomainReference(name, uuid, id))));
        var read = DomainReference.Read(ref reader);
        Assert.Equal((name, uuid, id), (read.Name, read.Uuid, read.Id));
    });

    // Against the standard, not against our own reader: RFC 4506's layout, byte by byte.
    [Fact]
    public void A_known_structure_has_known_bytes()
    {
        var bytes = Bytes(writer => DomainReference.Write(writer, new DomainReference("web-1", Guid.Parse("00112233-4455-6677-8899-aabbccddeeff"), -1)));
        Assert.Equal("00000005" + "7765622d31000000" + "00112233445566778899aabbccddeeff" + "ffffffff", Convert.ToHexStringLower(bytes));
    }

    [Fact]
    public void Whatever_the_bytes_reading_ends_with_a_value_or_a_protocol_error() => Gen.Byte.Array[0, 200].Sample(bytes =>
    {
        try
        {
            XdrReader reader = new(bytes);
            reader.ReadList(64, TypedParameter.Read);
        }
        catch (LibvirtException fault)
        {
            Assert.Equal(LibvirtFault.Protocol, fault.Fault);
        }
    }, iter: 5000);

    [Fact]
    public void An_announced_length_takes_no_memory()
    {
        // Ahead of a list of at most 16,384 domains, the number of them and nothing else.
        var bytes = Bytes(writer => writer.Int(16_384));
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<LibvirtException>(() =>
        {
            XdrReader reader = new(bytes);
            reader.ReadList(WireLimits.MaxDomains, DomainReference.Read);
        });
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 64 * 1024);
    }

    [Theory]
    [InlineData("00000001", "a message ends")]
    [InlineData("00400001", "4194305 bytes are announced")]
    [InlineData("0000000161000000ff", null)]
    [InlineData("0000000200610000", "zero byte")]
    public void Texts_are_checked(string hex, string? complaint)
    {
        var fault = Record.Exception(() =>
        {
            XdrReader reader = new(Convert.FromHexString(hex));
            Assert.Equal("a", reader.ReadString());
        });
        if (complaint is null)
        {
            Assert.Null(fault);
        }
        else
        {
            Assert.Contains(complaint, Assert.IsType<LibvirtException>(fault).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void What_libvirt_would_cut_short_or_refuse_is_not_sent()
    {
        Assert.Throws<ArgumentException>(() => new XdrWriter().String("a\0b"));
        Assert.Throws<ArgumentException>(() => new XdrWriter().String(new string('x', WireLimits.MaxStringBytes + 1)));
        Assert.Throws<ArgumentException>(() => new XdrWriter().List(new int[3], 2, (writer, item) => writer.Int(item)));
        Assert.Throws<ArgumentException>(() => TypedParameter.Of(new string('x', 80), 1));
    }

    [Fact]
    public void Whole_numbers_are_read_whatever_their_type()
    {
        TypedParameters parameters = new([TypedParameter.Of("a", -1), TypedParameter.Of("b", 5u), TypedParameter.Of("c", ulong.MaxValue), TypedParameter.Of("d", "x")]);
        Assert.Equal((-1L, null), (parameters.GetLong("a"), parameters.GetULong("a")));
        Assert.Equal((5L, 5ul), (parameters.GetLong("b"), parameters.GetULong("b")));
        Assert.Equal((null, ulong.MaxValue), (parameters.GetLong("c"), parameters.GetULong("c")));
        Assert.Equal((null, "x", null), (parameters.GetLong("d"), parameters.GetString("d"), parameters.GetString("e")));
    }

    [Fact]
    public void A_vector_of_characters_is_a_word_each()
    {
        XdrWriter writer = new();
        foreach (var value in Encoding.ASCII.GetBytes("x86_64\0\0"))
        {
            writer.Int(value);
        }

        XdrReader reader = new(writer.Written);
        Assert.Equal("x86_64", reader.ReadCharVector(8));
    }

    private static byte[] Bytes(Action<XdrWriter> write)
    {
        XdrWriter writer = new();
        write(writer);
        return writer.Written.ToArray();
    }
}
