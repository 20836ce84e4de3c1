using Pulumi.Blanket.Libvirt.Wire;

namespace Pulumi.Blanket.Libvirt.Parameters;

/// <summary>A named value whose type travels with it (<c>struct remote_typed_param</c> in <c>src/remote/remote_protocol.x</c>).</summary>
public readonly record struct TypedParameter
{
    /// <summary><c>VIR_TYPED_PARAM_FIELD_LENGTH</c>, with the zero byte that ends it.</summary>
    private const int MaxNameBytes = 80;

    private readonly long _bits;
    private readonly string? _text;

    private TypedParameter(string name, TypedParameterKind kind, long bits, string? text = null)
    {
        if (name.Length is 0 or >= MaxNameBytes)
        {
            throw new ArgumentException($"'{name}' can't name a parameter: 1 to {MaxNameBytes - 1} characters are allowed", nameof(name));
        }

        Name = name;
        Kind = kind;
        _bits = bits;
        _text = text;
    }

    public string Name { get; }

    public TypedParameterKind Kind { get; }

    public static TypedParameter Of(string name, int value) => new(name, TypedParameterKind.Signed32, value);

    public static TypedParameter Of(string name, uint value) => new(name, TypedParameterKind.Unsigned32, value);

    public static TypedParameter Of(string name, long value) => new(name, TypedParameterKind.Signed64, value);

    public static TypedParameter Of(string name, ulong value) => new(name, TypedParameterKind.Unsigned64, unchecked((long)value));

    public static TypedParameter Of(string name, double value) => new(name, TypedParameterKind.Real, BitConverter.DoubleToInt64Bits(value));

    public static TypedParameter Of(string name, bool value) => new(name, TypedParameterKind.Boolean, value ? 1 : 0);

    public static TypedParameter Of(string name, string value) => new(name, TypedParameterKind.Text, 0, value);

    /// <summary>The value of any whole-number type; null of other types, or where it does not fit.</summary>
    public long? AsLong => Kind switch
    {
        TypedParameterKind.Signed32 or TypedParameterKind.Unsigned32 or TypedParameterKind.Signed64 => _bits,
        TypedParameterKind.Unsigned64 when _bits >= 0 => _bits,
        _ => null,
    };

    /// <summary>The value of any whole-number type; null of other types, or where it is negative.</summary>
    public ulong? AsULong => Kind switch
    {
        TypedParameterKind.Unsigned64 => unchecked((ulong)_bits),
        TypedParameterKind.Signed32 or TypedParameterKind.Unsigned32 or TypedParameterKind.Signed64 when _bits >= 0 => (ulong)_bits,
        _ => null,
    };

    public double? AsDouble => Kind is TypedParameterKind.Real ? BitConverter.Int64BitsToDouble(_bits) : null;

    public bool? AsBoolean => Kind is TypedParameterKind.Boolean ? _bits != 0 : null;

    public string? AsString => _text;

    public override string ToString() => $"{Name}={Kind switch
    {
        TypedParameterKind.Text => _text,
        TypedParameterKind.Real => AsDouble.ToString(),
        TypedParameterKind.Boolean => _bits != 0 ? "yes" : "no",
        TypedParameterKind.Unsigned64 => AsULong.ToString(),
        _ => _bits.ToString(),
    }}";

    internal static TypedParameter Read(ref XdrReader reader)
    {
        var name = reader.ReadString();
        if (name.Length is 0 or >= MaxNameBytes)
        {
            throw XdrReader.Malformed($"a parameter's name has {name.Length} characters");
        }

        return reader.ReadInt() switch
        {
            (int)TypedParameterKind.Signed32 => Of(name, reader.ReadInt()),
            (int)TypedParameterKind.Unsigned32 => Of(name, reader.ReadUInt()),
            (int)TypedParameterKind.Signed64 => Of(name, reader.ReadHyper()),
            (int)TypedParameterKind.Unsigned64 => Of(name, reader.ReadUHyper()),
            (int)TypedParameterKind.Real => Of(name, reader.ReadDouble()),
            (int)TypedParameterKind.Boolean => Of(name, reader.ReadBool()),
            (int)TypedParameterKind.Text => Of(name, reader.ReadString()),
            var kind => throw XdrReader.Malformed($"the parameter '{name}' has a type {kind} that is none"),
        };
    }

    internal static void Write(XdrWriter writer, TypedParameter parameter)
    {
        writer.String(parameter.Name).Int((int)parameter.Kind);
        _ = parameter.Kind switch
        {
            TypedParameterKind.Signed32 or TypedParameterKind.Unsigned32 or TypedParameterKind.Boolean => writer.Int(unchecked((int)parameter._bits)),
            TypedParameterKind.Text => writer.String(parameter._text!),
            _ => writer.Hyper(parameter._bits),
        };
    }
}
