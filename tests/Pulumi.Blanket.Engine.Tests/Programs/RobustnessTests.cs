using CsCheck;
using Pulumi.Blanket.Engine.Programs;
using static Pulumi.Blanket.Engine.Tests.Programs.TestPrograms;

namespace Pulumi.Blanket.Engine.Tests.Programs;

/// <summary>Whatever stands in a file, it is a program or a list of mistakes, and never a fault of ours.</summary>
public sealed class RobustnessTests
{
    private const string Text = """
        name: proj
        config: { size: { type: integer, default: 3 }, list: { type: array, items: { type: string }, default: [a] } }
        variables:
          base: &base { value: "x${a.arn}", size: '${size}' }
          said: { fn::invoke: { function: sample:echo, arguments: { text: '${a.tags["c.d"]}' }, options: { dependsOn: ['${a}'] } } }
          json: { fn::toJSON: [1, 2.5, { a: '${list[0]}' }] }
        resources:
          a:
            type: sample:Thing
            properties:
              tags: { "c.d": dotted }
              parts: [{ name: one, inner: { name: two, weight: 3 } }]
              file: { fn::assetArchive: { a: { fn::stringAsset: x } } }
            options:
              customTimeouts: { create: 1h30m }
              aliases: [{ name: older }]
          b:
            type: sample:Thing
            properties: { <<: *base, size: 4, items: { fn::split: [',', 'a,b'] } }
            options: { provider: '${p}', ignoreChanges: ['tags["x"]'] }
          p: { type: pulumi:providers:sample, defaultProvider: true }
          r: { type: sample:Thing, get: { id: '${b.id}', state: { value: text } } }
          text:
            type: sample:Thing
            properties:
              value: >-
                folded ${said.echo}
                lines
        outputs:
          arn: ${a.arn}
          first: ${b.items[0]}
        """;

    private static readonly Gen<string> Changed =
        from changes in Gen.Select(Gen.Int[0, Text.Length - 1], Gen.Int[0, 12], Gen.OneOf("", " ", "\n", "\t", "[", "]", "{", "}", ":", ": ", "- ", "&", "*", "!", "|", ">", "'", "\"", "${", "}", "$", ".", ",", "#", "%", "@", "?", "? ", "---\n", "fn::", "fn::invoke", "~", "é", "\u0007", "\\", "<<: ", "pulumi", "0", "-1")).Array[1, 4]
        select changes.OrderByDescending(change => change.Item1).Aggregate(Text, (text, change) =>
            text.Length <= change.Item1 ? text : text.Remove(change.Item1, Math.Min(change.Item2, text.Length - change.Item1)).Insert(change.Item1, change.Item3));

    [Fact]
    public async Task Unchanged_it_is_a_program() => Assert.Equal(5, (await RunAsync(Text)).Goals.Count);

    [Fact]
    public async Task Any_change_of_a_program_is_a_program_or_a_mistake()
        => await Changed.SampleAsync(async text =>
        {
            try
            {
                await RunAsync(text);
            }
            catch (ProgramException fault)
            {
                Assert.All(fault.Diagnostics, diagnostic => Assert.True(diagnostic.Line >= 1 && diagnostic.Column >= 1 && diagnostic.Line <= text.Count(character => character == '\n') + 2));
            }
        }, iter: 3000, threads: 1);

    [Fact]
    public async Task Any_text_is_a_program_or_a_mistake()
        => await Gen.String[Gen.Char[" \n\t:-[]{}&*!|>'\"%@`#,?abc01${}.<~"], 0, 40].SampleAsync(async text =>
        {
            try
            {
                await ParseAsync(text);
            }
            catch (ProgramException)
            {
            }
        }, iter: 5000, threads: 1);
}
