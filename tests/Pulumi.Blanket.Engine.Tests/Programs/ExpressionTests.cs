using Pulumi.Blanket.Engine.Monitoring;
using Pulumi.Blanket.Engine.Plugins;
using Pulumi.Blanket.Protocol;
using Pulumi.Blanket.Protocol.Values;
using static Pulumi.Blanket.Engine.Tests.Programs.TestPrograms;

namespace Pulumi.Blanket.Engine.Tests.Programs;

/// <summary>Scalars, references, paths and functions, and how unknown and secret values go through them.</summary>
public sealed class ExpressionTests
{
    private const string Thing = """
        resources:
          a:
            type: sample:Thing
            properties:
              value: one
              size: 7
              items: [x, y]
              tags: { "c.d": dotted, plain: simple, 'quo"te': quoted }
              anything: { list: [{ deep: [1, 2.5] }], no: null }
              password: { fn::secret: hunter2 }
        """;

    public static TheoryData<string, PropertyValue> Scalars => new()
    {
        { "true", true },
        { "False", false },
        { "yes", "yes" },
        { "no", "no" },
        { "~", NullValue.Instance },
        { "", NullValue.Instance },
        { "null", NullValue.Instance },
        { "12", 12 },
        { "-3", -3 },
        { "+4", 4 },
        { "0x1F", 31 },
        { "0o17", 15 },
        { "0755", 493 },
        { "-0x1f", -31 },
        { "0b101", 5 },
        { "09", 9 },
        { "0o8", "0o8" },
        { "0x", "0x" },
        { "+", "+" },
        { "1.", 1 },
        { "1_0.5", 10.5 },
        { "1.5", 1.5 },
        { "1e3", 1000 },
        { ".5", 0.5 },
        { "1_000", 1000 },
        { "12:30", "12:30" },
        { "2024-01-02", "2024-01-02" },
        { "1.2.3", "1.2.3" },
        { "-", Values.List(NullValue.Instance) },
        { "'5'", "5" },
        { "\"true\"", "true" },
        { "!!str 5", "5" },
        { "|\n  two\n  lines", "two\nlines\n" },
        { ">-\n  one\n  line", "one line" },
        { "[1, a, { b: c }]", Values.List(1, "a", Values.Object(("b", "c"))) },
        { "$${not} $ $x", "${not} $ $x" },
        { "a$$b", "a$b" },
        { "$$$${x}$$", "$${x}$" },
    };

    [Theory]
    [MemberData(nameof(Scalars), DisableDiscoveryEnumeration = true)]
    public async Task Scalars_are_read_as_Pulumi_reads_them(string text, PropertyValue expected) => Assert.Equal(expected, await EvaluateAsync(text));

    public static TheoryData<string, PropertyValue> References => new()
    {
        { "${a.value}", "one" },
        { "${a.size}", 7 },
        { "${a.id}", "a-1" },
        { "${a.urn}", ScriptedMonitor.UrnOf("a") },
        { "${a}", new ResourceReferenceValue(ScriptedMonitor.UrnOf("a"), "a-1", "") },
        { "${a.items}", Values.List("x", "y") },
        { "${a.items[1]}", "y" },
        { "'${a.tags[\"c.d\"]}'", "dotted" },
        { "'${a.tags[\"quo\\\"te\"]}'", "quoted" },
        { "${a.tags.plain}", "simple" },
        { "'${a[\"value\"]}'", "one" },
        { "${a.anything.list[0].deep[1]}", 2.5 },
        { "${a.anything.no}", NullValue.Instance },
        { "${a.part}", NullValue.Instance },
        { "${a.value}-${a.size}-${a.anything.list[0].deep[1]}-$${x}", "one-7-2.5-${x}" },
        { "${a.password}", Values.Secret("hunter2") },
        { "{ '${pulumi.stack}/${a.size}': 1, 'x$$y': 2, '$${z}': 3 }", Values.Object(("dev/7", 1), ("x$y", 2), ("${z}", 3)) },
        { "{ '${a.password}': 1 }", Values.Secret(Values.Object(("hunter2", 1))) },
        { "x${a.password}y", Values.Secret("xhunter2y") },
        { "'${pulumi.project}/${pulumi.stack}/${pulumi.organization}/${pulumi.rootDirectory}'", "proj/dev/organization//root-of-project" },
    };

    [Theory]
    [MemberData(nameof(References), DisableDiscoveryEnumeration = true)]
    public async Task References_lead_to_values(string text, PropertyValue expected) => Assert.Equal(expected, await EvaluateAsync(text, Thing));

    [Fact]
    public async Task The_working_directory_is_known() => Assert.Equal(AppContext.BaseDirectory, await EvaluateAsync("${pulumi.cwd}"));

    public static TheoryData<string, PropertyValue> Functions => new()
    {
        { "fn::toJSON: { b: [1, 2.5, true, null], a: \"<x> \\\"é\\n\" }", "{\"a\":\"\\u003cx\\u003e \\\"é\\n\",\"b\":[1,2.5,true,null]}" },
        { "fn::toJSON: text", "\"text\"" },
        { "Fn::ToJson: text", "\"text\"" },
        { "fn::length: '${a.items}'", 2 },
        { "fn::length: { x: 1, y: 2, z: 3 }", 3 },
        { "fn::length: aé😀", 3 },
        { "fn::length: '${a.password}'", Values.Secret(7) },
        { "fn::sha1: abc", "a9993e364706816aba3e25717850c26c9cd0d89d" },
        { "fn::unsecret: '${a.password}'", "hunter2" },
        { "fn::pulumiResourceName: ${a}", "a" },
        { "fn::pulumiResourceType: ${a}", "sample:index:Thing" },
        { "fn::toJSON: { p: '${a.password}' }", Values.Secret("{\"p\":\"hunter2\"}") },
        { "fn::join: [', ', [a, '${a.value}', 3]]", "a, one, 3" },
        { "fn::join: ['', '${a.items}']", "xy" },
        { "fn::join: ['-', [a, '${a.password}']]", Values.Secret("a-hunter2") },
        { "fn::split: [',', 'a,b,,c']", Values.List("a", "b", "", "c") },
        { "fn::split: [n, '${a.password}']", Values.Secret(Values.List("hu", "ter2")) },
        { "fn::split: ['', 'aé']", Values.List("a", "é") },
        { "fn::select: [1, [a, b]]", "b" },
        { "fn::select: [1, '${a.items}']", "y" },
        { "fn::select: [0, [a, '${a.password}']]", "a" },
        { "fn::select: [1, [a, '${a.password}']]", Values.Secret("hunter2") },
        { "fn::toBase64: héllo", "aMOpbGxv" },
        { "fn::fromBase64: aMOpbGxv", "héllo" },
        { "fn::toBase64: '${a.password}'", Values.Secret("aHVudGVyMg==") },
        { "fn::secret: [1, b]", Values.Secret(Values.List(1, "b")) },
        { "fn::secret: { fn::secret: x }", Values.Secret("x") },
        { "fn::stringAsset: text", new AssetValue("text", null, null, "") },
        { "fn::fileAsset: ./a.txt", new AssetValue(null, "./a.txt", null, "") },
        { "fn::remoteAsset: https://example.com/a", new AssetValue(null, null, "https://example.com/a", "") },
        { "fn::fileArchive: ./folder", new ArchiveValue(null, "./folder", null, "") },
        { "fn::remoteArchive: https://example.com/a.zip", new ArchiveValue(null, null, "https://example.com/a.zip", "") },
        { "fn::singleOrNone: [x]", "x" },
        { "fn::singleOrNone: [[x]]", "x" },
        { "fn::singleOrNone: []", NullValue.Instance },
        { "fn::select: [0, { fn::split: [',', { fn::fromBase64: 'YSxi' }] }]", "a" },
    };

    [Theory]
    [MemberData(nameof(Functions), DisableDiscoveryEnumeration = true)]
    public async Task Functions_compute_values(string text, PropertyValue expected) => Assert.Equal(expected, await EvaluateAsync(text, Thing));

    [Fact]
    public async Task An_archive_is_made_of_assets()
    {
        var archive = Assert.IsType<ArchiveValue>(await EvaluateAsync("fn::assetArchive: { a: { fn::stringAsset: text }, b: { fn::fileArchive: ./b } }"));
        Assert.Equal(["a", "b"], archive.Assets!.Keys);
        Assert.Equal(new AssetValue("text", null, null, ""), archive.Assets["a"]);
    }

    [Fact]
    public async Task A_file_is_read_from_the_folder_of_the_program()
    {
        var name = $"{Guid.NewGuid():N}.txt";
        await File.WriteAllTextAsync(Path.Combine(AppContext.BaseDirectory, name), "content ${a}\n", Cancellation);
        Assert.Equal("content ${a}\n", await EvaluateAsync($"fn::readFile: ./{name}"));
        Assert.Equal("Y29udGVudCAke2F9Cg==", await EvaluateAsync($"fn::filebase64: ./{name}"));
        Assert.Equal(Convert.ToBase64String(System.Security.Cryptography.SHA256.HashData("content ${a}\n"u8)), await EvaluateAsync($"fn::fileBase64Sha256: ./{name}"));
        File.Delete(Path.Combine(AppContext.BaseDirectory, name));
    }

    public static TheoryData<string, PropertyValue> Unknowns => new()
    {
        { "${a.arn}", UnknownValue.Text },
        { "${a.id}", UnknownValue.Text },
        { "${a.urn}", ScriptedMonitor.UrnOf("a") },
        { "${a.value}", "one" },
        { "${a.part.inner.name}", UnknownValue.Text },
        { "pre-${a.arn}-${a.password}", UnknownValue.Text },
        { "[x, '${a.arn}', '${a.password}']", Values.List("x", UnknownValue.Text, Values.Secret("hunter2")) },
        { "fn::toJSON: { x: '${a.arn}' }", UnknownValue.Text },
        { "fn::toJSON: '${a}'", UnknownValue.Text },
        { "fn::join: [',', [a, '${a.arn}', '${a.password}']]", UnknownValue.Text },
        { "fn::split: [',', '${a.arn}']", UnknownValue.Text },
        { "fn::select: [0, [a, '${a.arn}']]", "a" },
        { "fn::select: [1, [a, '${a.arn}']]", UnknownValue.Text },
        { "fn::secret: '${a.arn}'", UnknownValue.Text },
        { "fn::toBase64: '${a.arn}'", UnknownValue.Text },
        { "fn::fromBase64: '${a.arn}'", UnknownValue.Text },
        { "fn::stringAsset: '${a.arn}'", UnknownValue.Text },
        { "fn::singleOrNone: ['${a.arn}']", UnknownValue.Text },
        { "fn::assetArchive: { x: { fn::stringAsset: '${a.arn}' } }", UnknownValue.Text },
        { "${a}", new ResourceReferenceValue(ScriptedMonitor.UrnOf("a"), UnknownValue.Text, "") },
    };

    [Theory]
    [MemberData(nameof(Unknowns), DisableDiscoveryEnumeration = true)]
    public async Task What_a_preview_does_not_know_stays_unknown(string text, PropertyValue expected) => Assert.Equal(expected, await EvaluateAsync(text, Thing, isPreview: true));

    [Fact]
    public async Task What_an_update_leaves_out_is_unknown_too()
    {
        ScriptedMonitor monitor = new();
        monitor.Answers["a"] = resource => resource with { Id = UnknownValue.Text, Outputs = Values.Object(("value", "one")) };
        await RunAsync(Thing + "\noutputs: { known: '${a.value}', unknown: 'x${a.arn}' }", monitor);
        Assert.Equal(Values.Object(("known", "one"), ("unknown", UnknownValue.Text)), monitor.StackOutputs);
    }

    [Fact]
    public async Task Numbers_and_truth_become_text_where_text_is_wanted_as_they_are_written()
    {
        var monitor = await RunAsync("""
            config: { count: { type: integer, default: 5 }, hidden: { type: integer, default: 6, secret: true } }
            resources:
              a: { type: sample:Thing, properties: { value: 1.10, tags: { a: true, b: '${count}', c: 0755, d: '${hidden}' }, size: '${count}' } }
            """);
        Assert.Equal(Values.Object(("value", "1.10"), ("size", 5), ("tags", Values.Object(("a", "true"), ("b", "5"), ("c", "0755"), ("d", Values.Secret("6"))))), monitor["a"].Inputs);
    }

    [Fact]
    public async Task Variables_carry_values_and_dependencies()
    {
        var monitor = await RunAsync("""
            variables:
              second: { fn::join: ['-', ['${first.inner[0]}', b]] }
              first: { inner: ['${a.arn}', '${a.password}'], whole: '${a}' }
            resources:
              a: { type: sample:Thing, properties: { password: { fn::secret: pw } } }
              b:
                type: sample:Thing
                properties: { value: '${second}', password: '${first.inner[1]}', owner: '${first.whole}', items: ['${first.whole.arn}'] }
                options: { dependsOn: '${first.whole}' }
            """);
        var a = ScriptedMonitor.UrnOf("a");
        var b = monitor["b"];
        Assert.Equal(Values.Object(("value", "arn:a-b"), ("password", Values.Secret("pw")), ("owner", new ResourceReferenceValue(a, "a-1", "")), ("items", Values.List("arn:a"))), b.Inputs);
        Assert.All(b.PropertyDependencies.Values, dependencies => Assert.Equal([a], dependencies));
        Assert.Equal([a], b.Options.DependsOn);
    }

    [Fact]
    public async Task Anchors_and_merges_stand_for_what_they_name()
    {
        var monitor = await RunAsync("""
            variables:
              base: &base { value: shared, size: 1 }
            resources:
              a: { type: sample:Thing, properties: { <<: *base, size: 2 } }
              b: { type: sample:Thing, properties: *base }
            """);
        Assert.Equal(Values.Object(("value", "shared"), ("size", 2)), monitor["a"].Inputs);
        Assert.Equal(Values.Object(("value", "shared"), ("size", 1)), monitor["b"].Inputs);
    }

    [Theory]
    [InlineData("fn::invoke: { function: sample:echo, arguments: { text: hello } }")]
    [InlineData("fn::invoke: { function: sample:index:echo, arguments: { text: hello } }")]
    [InlineData("fn::sample:echo: { text: hello }")]
    [InlineData("fn::sample:index:echo: { text: hello }")]
    public async Task A_providers_function_is_called(string call)
    {
        var monitor = await RunAsync($"variables: {{ e: {{ {call} }} }}\noutputs: {{ result: '${{e.length}}' }}");
        Assert.Equal(new InvokeGoal("sample:index:echo", Values.Object(("text", "hello")), DependsOn: []), monitor.Invokes.Single() with { DependsOn = [] });
        Assert.Equal(5, monitor.StackOutputs["result"]);
    }

    [Fact]
    public async Task A_call_may_stand_anywhere_and_inside_of_another()
    {
        var monitor = await RunAsync("""
            resources:
              a: { type: sample:Thing }
              b:
                type: sample:Thing
                properties:
                  value: { fn::invoke: { function: sample:echo, return: echo, arguments: { text: { fn::invoke: { function: sample:echo, arguments: { text: '${a.arn}' }, return: echo } } } } }
            outputs:
              last: { fn::invoke: { function: sample:echo, arguments: { text: '12' }, return: length } }
              made: { fn::sample:net:lookup: {} }
            """);
        Assert.Equal("arn:a", monitor["b"].Inputs["value"]);
        Assert.Equal([ScriptedMonitor.UrnOf("a")], monitor["b"].PropertyDependencies["value"]);
        Assert.Equal(2, monitor.StackOutputs["last"]);
        Assert.Contains(monitor.Invokes, goal => goal.Token == "sample:net/lookup:lookup");
    }

    [Fact]
    public async Task A_call_takes_options()
    {
        var monitor = await RunAsync("""
            resources:
              p: { type: 'pulumi:providers:sample' }
              a: { type: sample:Thing }
              b: { type: sample:Thing, properties: { size: '${e.length}' } }
            variables:
              e: { fn::invoke: { function: sample:echo, arguments: { text: x }, options: { provider: '${p}', parent: '${a}', version: 1.0.0, dependsOn: ['${a}'] } } }
            """);
        var goal = monitor.Invokes.Single();
        Assert.Equal(("urn:pulumi:dev::proj::pulumi:providers:sample::p::p-1", "1.0.0", ScriptedMonitor.UrnOf("a")), (goal.Provider, goal.Version, goal.Parent));
        Assert.Equal([ScriptedMonitor.UrnOf("a")], goal.DependsOn);
        Assert.Equal([ScriptedMonitor.UrnOf("a")], monitor["b"].PropertyDependencies["size"]);
    }

    [Theory]
    [InlineData("fn::sample:echo: { text: '${a.arn}' }")]
    [InlineData("fn::invoke: { function: sample:echo, arguments: { text: x }, options: { dependsOn: '${a}' } }")]
    [InlineData("fn::invoke: { function: sample:echo, arguments: { text: x }, options: { provider: '${p}' } }")]
    public async Task A_call_that_needs_what_is_unknown_is_not_made(string call)
    {
        var monitor = await PreviewAsync($"resources: {{ a: {{ type: sample:Thing }}, p: {{ type: 'pulumi:providers:sample' }} }}\nvariables: {{ e: {{ {call} }} }}\noutputs: {{ result: '${{e.echo}}' }}");
        Assert.Empty(monitor.Invokes);
        Assert.Equal(UnknownValue.Text, monitor.StackOutputs["result"]);
    }

    [Fact]
    public async Task Secret_arguments_are_opened_and_the_result_is_secret()
    {
        var monitor = await RunAsync("variables: { e: { fn::sample:echo: { text: { fn::secret: pw } } } }\noutputs: { result: '${e.echo}', n: '${e.length}' }");
        Assert.Equal("pw", monitor.Invokes.Single().Arguments["text"]);
        Assert.Equal(Values.Object(("result", Values.Secret("pw")), ("n", Values.Secret(2))), monitor.StackOutputs);
    }

    [Fact]
    public async Task Outputs_of_providers_lose_their_wrappings()
    {
        ScriptedMonitor monitor = new();
        monitor.Answers["a"] = resource => resource with
        {
            Outputs = Values.Object(("arn", new OutputValue("x", true, [])), ("items", Values.List(new OutputValue(null, false, []), new OutputValue("y", false, [])))),
        };
        await RunAsync("resources: { a: { type: sample:Thing } }\noutputs: { arn: '${a.arn}', items: '${a.items}' }", monitor);
        Assert.Equal(Values.Object(("arn", Values.Secret("x")), ("items", Values.List(UnknownValue.Text, "y"))), monitor.StackOutputs);
    }

    [Theory]
    [InlineData("${a.items[2]}", "Pulumi.yaml:15:22: error: 'a.items' has 2 items, and no [2]; items are counted from 0")]
    [InlineData("${a.anything.lits}", "Pulumi.yaml:15:25: error: 'a.anything' has no property 'lits'; did you mean 'list'?")]
    [InlineData("${a.anything.no.way}", "Pulumi.yaml:15:28: error: 'a.anything.no' is null, and has no property 'way'")]
    [InlineData("x${a.anything.list}", "Pulumi.yaml:15:15: error: '${a.anything.list}' is a list, which can't stand inside of a text; use fn::toJSON")]
    [InlineData("x${a.part.name}", "Pulumi.yaml:15:22: error: 'a.part' is null, and has no property 'name'")]
    [InlineData("fn::select: [2, '${a.items}']", "Pulumi.yaml:15:13: error: 'fn::select' needs an index from 0 to 1 here, as the list has 2 items")]
    [InlineData("fn::singleOrNone: '${a.items}'", "Pulumi.yaml:15:13: error: 'fn::singleOrNone' needs a list of at most one item, and was given one of 2")]
    [InlineData("fn::fromBase64: '!'", "Pulumi.yaml:15:13: error: 'fn::fromBase64' was given text that is no base64")]
    [InlineData("fn::fromBase64: '/w=='", "Pulumi.yaml:15:13: error: 'fn::fromBase64' was given bytes that are no text in UTF-8")]
    [InlineData("fn::toJSON: '${a}'", "Pulumi.yaml:15:13: error: 'fn::toJSON' can't turn assets, archives and whole resources into JSON; give properties of theirs")]
    [InlineData("fn::join: [',', '${a.anything.list}']", "Pulumi.yaml:15:13: error: 'fn::join' needs text, and was given a map")]
    public async Task What_only_a_run_can_tell_is_told_with_its_place(string text, string expected)
    {
        var value = text.StartsWith("fn::", StringComparison.Ordinal) ? $"{{ {text} }}" : $"'{text}'";
        Assert.Equal(expected, await MistakesAsync($"{Thing}\n\n\noutputs:\n\n  result: {value}\n"));
    }

    [Fact]
    public async Task A_file_that_is_not_there_is_told_with_its_place()
        => Assert.StartsWith("Pulumi.yaml:1:33: error: there is no file './nowhere'; paths start at the program's folder, ", await MistakesAsync("variables: { x: { fn::readFile: './nowhere' } }"));
}
