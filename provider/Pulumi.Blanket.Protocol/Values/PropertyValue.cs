using System.Text;

namespace Pulumi.Blanket.Protocol.Values;

/// <summary>
/// A value of a resource's property, as Pulumi knows them. Immutable; two values are equal when they are of the same kind and
/// content. Null, missing and empty differ: what is missing has no value at all.
/// </summary>
public abstract record PropertyValue
{
    private protected PropertyValue()
    {
    }

    /// <summary>The value inside secrets and known outputs; an output that is not known yet is unknown.</summary>
    public PropertyValue Bare => this switch
    {
        SecretValue secret => secret.Inner.Bare,
        OutputValue { Inner: { } inner } => inner.Bare,
        OutputValue => UnknownValue.Text,
        _ => this,
    };

    /// <summary>True when this value, or anything inside it, is not known yet.</summary>
    public bool ContainsUnknown => Any(value => value is UnknownValue or OutputValue { Inner: null });

    /// <summary>True when this value, or anything inside it, is secret.</summary>
    public bool ContainsSecret => Any(value => value is SecretValue or OutputValue { IsSecret: true });

    public static implicit operator PropertyValue(string text) => new StringValue(text);

    public static implicit operator PropertyValue(bool truth) => new BoolValue(truth);

    public static implicit operator PropertyValue(double number) => new NumberValue(number);

    // Of a value's text form; what stands here follows from the value, and `Bare` may be the value itself.
    protected virtual bool PrintMembers(StringBuilder builder) => false;

    /// <summary>The values right inside this one.</summary>
    private protected virtual IEnumerable<PropertyValue> Children => [];

    private bool Any(Func<PropertyValue, bool> condition) => condition(this) || Children.Any(child => child.Any(condition));
}
