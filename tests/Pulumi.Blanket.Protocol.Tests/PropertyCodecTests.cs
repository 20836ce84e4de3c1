using CsCheck;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.Protocol.Tests;

public sealed class PropertyCodecTests
{
    [Fact]
    public void Every_value_survives_the_wire()
        => Values.Any.Sample(value =>
        {
            var bytes = PropertyCodec.Encode(value).ToByteArray();
            Assert.Equal(value, PropertyCodec.Decode(Value.Parser.ParseFrom(bytes)));
        }, iter: 5_000);

    [Fact]
    public void Null_missing_and_empty_differ()
    {
        var value = PropertyCodec.DecodeObject(new Struct { Fields = { ["null"] = Value.ForNull(), ["empty"] = Value.ForString("") } });
        Assert.Equal(Protocol.Values.NullValue.Instance, value["null"]);
        Assert.Equal(new Protocol.Values.StringValue(""), value["empty"]);
        Assert.Null(value["missing"]);
        Assert.Equal(["empty", "null"], PropertyCodec.EncodeObject(value).Fields.Keys.Order());
    }

    [Fact]
    public void Signatures_and_markers_are_those_of_the_protocol()
    {
        var value = PropertyCodec.DecodeObject(JsonParser.Default.Parse<Struct>("""
            {
              "secret": {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "value": "hunter2"},
              "output": {"4dabf18193072939515e22adb298388d": "d0e6a833031e9bbcd3f4e8bde6ca49a4", "value": 1, "secret": true, "dependencies": ["urn:a"]},
              "pending": {"4dabf18193072939515e22adb298388d": "d0e6a833031e9bbcd3f4e8bde6ca49a4"},
              "reference": {"4dabf18193072939515e22adb298388d": "5cf8f73096256a8f31e491e813e4eb8e", "urn": "urn:b", "id": "04da6b54-80e4-46f7-96ec-b56ff0331ba9"},
              "asset": {"4dabf18193072939515e22adb298388d": "c44067f5952c0a294b673a41bacd8c17", "path": "./a"},
              "text": "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
              "bool": "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
              "number": "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
              "array": "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
              "object": "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
              "archive": "e48ece36-62e2-4504-bad9-02848725956a"
            }
            """));
        Assert.Equal(new SecretValue("hunter2"), value["secret"]);
        Assert.Equal(new OutputValue(1, true, ["urn:a"]), value["output"]);
        Assert.Equal(new OutputValue(null, false, []), value["pending"]);
        Assert.Equal(new ResourceReferenceValue("urn:b", UnknownValue.Text, ""), value["reference"]);
        Assert.Equal(new AssetValue(null, "./a", null, ""), value["asset"]);
        foreach (var (name, kind) in ((string, UnknownKind)[])[("text", UnknownKind.Text), ("bool", UnknownKind.Bool), ("number", UnknownKind.Number), ("array", UnknownKind.Array), ("object", UnknownKind.Object), ("archive", UnknownKind.Archive)])
        {
            Assert.Equal(new UnknownValue(kind), value[name]);
        }
    }

    [Fact]
    public void Thirty_levels_are_read_and_more_are_refused_with_their_place()
    {
        Assert.Equal(Nested(PropertyCodec.MaxDepth), PropertyCodec.Decode(Value.Parser.ParseFrom(PropertyCodec.Encode(Nested(PropertyCodec.MaxDepth)).ToByteArray())));
        var fault = Assert.Throws<ProtocolException>(() => PropertyCodec.Decode(PropertyCodec.Encode(Nested(PropertyCodec.MaxDepth + 1))));
        Assert.Equal(ProtocolFailure.TooDeep, fault.Failure);
        Assert.StartsWith("the property a.a.a", fault.Message, StringComparison.Ordinal);

        static PropertyValue Nested(int levels) => levels == 1 ? new Protocol.Values.StringValue("x") : ObjectValue.Empty.With("a", Nested(levels - 1));
    }

    [Theory]
    [InlineData("""{"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270"}""", "without 'value'")]
    [InlineData("""{"4dabf18193072939515e22adb298388d": "5cf8f73096256a8f31e491e813e4eb8e"}""", "without a urn")]
    [InlineData("""{"4dabf18193072939515e22adb298388d": "803fd3297a5875dc03ca845dda5d2a98", "value": "?"}""", "not base64")]
    [InlineData("""{"4dabf18193072939515e22adb298388d": "0000"}""", "unknown signature 0000")]
    public void A_malformed_value_is_refused_with_its_place(string json, string expected)
    {
        var wire = new Struct { Fields = { ["labels"] = Value.ForStruct(new Struct { Fields = { ["a.b"] = Value.Parser.ParseJson(json) } }) } };
        var fault = Assert.Throws<ProtocolException>(() => PropertyCodec.DecodeObject(wire));
        Assert.Equal(ProtocolFailure.MalformedValue, fault.Failure);
        Assert.StartsWith("the property labels[\"a.b\"] is", fault.Message, StringComparison.Ordinal);
        Assert.Contains(expected, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Bytes_of_any_kind_are_read_or_refused_and_nothing_else()
        => Gen.Select(Values.Any, Gen.Int[0, 1000], Gen.Byte).Sample((value, position, change) =>
        {
            var bytes = PropertyCodec.Encode(value).ToByteArray();
            if (bytes.Length > 0)
            {
                bytes[position % bytes.Length] = change;
            }

            try
            {
                PropertyCodec.Decode(Value.Parser.ParseFrom(bytes));
            }
            catch (Exception fault) when (fault is InvalidProtocolBufferException or ProtocolException)
            {
                // refused
            }
        }, iter: 5_000);

    [Fact]
    public void A_secret_is_never_in_the_text_of_a_value()
        => Assert.DoesNotContain("hunter2", ObjectValue.Empty.With("a", new SecretValue("hunter2")).With("b", new OutputValue("hunter2", true, [])).Properties.Values.Aggregate("", (text, value) => text + value), StringComparison.Ordinal);

    [Fact]
    public void What_is_inside_counts_for_unknown_and_secret()
    {
        Assert.True(new ArrayValue([ObjectValue.Empty.With("x", new OutputValue(null, false, []))]).ContainsUnknown);
        Assert.True(new ArrayValue([new SecretValue(1)]).ContainsSecret);
        Assert.False(new ArrayValue([1, "x"]).ContainsUnknown);
        Assert.Equal(new NumberValue(1), new SecretValue(new OutputValue(new SecretValue(1), true, [])).Bare);
        Assert.Equal(UnknownValue.Text, new SecretValue(new OutputValue(null, true, [])).Bare);
    }

    [Fact]
    public void Every_value_has_a_text_form() => Values.Any.Sample(value => Assert.NotEmpty(value.ToString()!), iter: 200);
}
