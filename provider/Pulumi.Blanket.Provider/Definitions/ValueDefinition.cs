namespace Pulumi.Blanket.Provider.Definitions;

/// <summary>The type of a value.</summary>
/// <param name="Element">Of the items of a list, or the values of a map.</param>
/// <param name="Enumeration">For <see cref="ValueShape.Enumeration"/>.</param>
/// <param name="Object">For <see cref="ValueShape.Object"/>.</param>
internal sealed record ValueDefinition(ValueShape Shape, ValueDefinition? Element = null, EnumDefinition? Enumeration = null, ObjectDefinition? Object = null)
{
    /// <summary>What a value must be, to follow "must be".</summary>
    public string Requirement => Shape switch
    {
        ValueShape.Text => "a text",
        ValueShape.Boolean => "true or false",
        ValueShape.Integer => "a whole number",
        ValueShape.Number => "a number",
        ValueShape.List => "a list",
        ValueShape.Map => "an object with names of your choice",
        ValueShape.Enumeration => "one of " + string.Join(", ", Enumeration!.Values.Select(value => $"'{value.Value}'")),
        ValueShape.Object => "an object with " + string.Join(", ", Object!.Properties.Select(property => $"'{property.Name}'")),
        _ => "any value",
    };
}
