using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;
using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.Provider.Definitions.Rules;

/// <summary>A text that matches a regular expression as a whole.</summary>
/// <param name="requirement">The expression in words.</param>
[AttributeUsage(AttributeTargets.Property)]
internal class PatternAttribute([StringSyntax(StringSyntaxAttribute.Regex)] string pattern, string requirement) : RuleAttribute
{
    // Without backtracking, since the text is a user's: the time it takes grows with the text's length only.
    private readonly Lazy<Regex> _regex = new(() => new Regex($@"\A(?:{pattern})\z", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant));

    public override string Requirement => requirement;

    public override bool Allows(PropertyValue value) => value is StringValue { Text: var text } && _regex.Value.IsMatch(text);
}
