using System.Collections.Concurrent;
using System.ComponentModel;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Pulumi.Blanket.Protocol;
using Pulumi.Blanket.Protocol.Values;
using Pulumi.Blanket.Provider.Definitions;
using Pulumi.Blanket.Provider.Definitions.Rules;
using Pulumi.Blanket.Provider.Errors;
using Pulumi.Blanket.Provider.Operations;
using Pulumi.Blanket.Provider.Resources;
using Pulumi.Blanket.Provider.Views;

namespace Pulumi.Blanket.Provider.Tests.Support;

/// <summary>
/// A resource for tests with every kind of property, whose things live in memory. Its input `mode` makes operations fail, wait or finish half way.
/// </summary>
internal sealed class ThingResource() : Resource<ThingInputs, ThingOutputs>("blanket:index:Thing")
{
    public const string Type = "blanket:index:Thing";

    private int _made;

    /// <summary>What exists, by id.</summary>
    public ConcurrentDictionary<string, ThingInputs> World { get; } = new();

    /// <summary>What the last operation was told.</summary>
    public OperationContext? LastContext { get; private set; }

    /// <summary>Completed when an operation has begun to wait.</summary>
    public TaskCompletionSource Waiting { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public override IReadOnlyList<StateUpgrade> Upgrades { get; } =
    [
        new(State: state => Renamed(state), Inputs: Renamed),
        new(State: state => state.With("serial", state["serial"] ?? "from-2")),
    ];

    public override bool RefreshBeforeUpdate => true;

    protected override JsonTypeInfo<ThingInputs> InputType => ThingJson.Default.ThingInputs;

    protected override JsonTypeInfo<ThingOutputs> OutputType => ThingJson.Default.ThingOutputs;

    protected override DiffTable DiffTable { get; } = new DiffTable()
        .Ignore(nameof(ThingInputs.Note))
        .SameWhenOldIsMissing(nameof(ThingInputs.Password));

    public override TimeSpan DefaultTimeout(OperationKind operation) => TimeSpan.FromSeconds(20);

    public override async IAsyncEnumerable<Listed>? List(OperationContext context, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var (id, inputs) in World.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            await Task.Yield();
            yield return new Listed(id, inputs.Name!);
        }
    }

    protected override void Check(CheckContext<ThingInputs> check)
    {
        if (check.Knows(nameof(ThingInputs.Size)) && check.Knows(nameof(ThingInputs.Limit)) && check.Inputs.Limit is { } limit && check.Inputs.Size > limit)
        {
            check.Fault(nameof(ThingInputs.Size), $"size is {check.Inputs.Size}, above the limit {limit}; make it smaller, or the limit greater");
        }
    }

    protected override void Diff(DiffContext<ThingInputs, ThingOutputs> diff)
    {
        if (diff.Outputs.Stale)
        {
            diff.Change(nameof(ThingOutputs.Stale));
        }
    }

    protected override void Preview(PreviewContext<ThingInputs, ThingOutputs> preview)
    {
        if (preview.Operation.Knows(nameof(ThingInputs.Size)))
        {
            preview.Know(nameof(ThingOutputs.Doubled), preview.New.Size * 2.0);
        }
    }

    protected override async Task<Made<ThingOutputs>> CreateAsync(OperationContext context, ThingInputs inputs, CancellationToken cancellationToken)
    {
        LastContext = context;
        var id = $"thing-{Interlocked.Increment(ref _made)}";
        context.Log.Progress("making the thing");
        await ObeyAsync(context, inputs, id, cancellationToken);
        World[id] = inputs;
        context.Log.Info("made the thing");
        if (context.Views.IsAvailable)
        {
            await context.Views.PublishAsync([new ViewStep(ViewOperation.Create, "blanket:index:Part", "part", null, new ViewState("blanket:index:Part", "part", ObjectValue.Empty, ObjectValue.Empty))], cancellationToken);
        }

        return new Made<ThingOutputs>(id, Outputs(id, inputs));
    }

    protected override Task<Found<ThingInputs, ThingOutputs>?> ReadAsync(OperationContext context, string id, ThingInputs? inputs, ThingOutputs? outputs, CancellationToken cancellationToken)
    {
        LastContext = context;
        if (!World.TryGetValue(id, out var thing))
        {
            return Task.FromResult<Found<ThingInputs, ThingOutputs>?>(null);
        }

        // Of what it is given, the world keeps all but the password.
        return Task.FromResult<Found<ThingInputs, ThingOutputs>?>(new(id, thing with { Password = inputs?.Password }, Outputs(id, thing)));
    }

    protected override async Task<ThingOutputs> UpdateAsync(OperationContext context, Wish<ThingInputs, ThingOutputs> wish, CancellationToken cancellationToken)
    {
        LastContext = context;
        await ObeyAsync(context, wish.New, wish.Id, cancellationToken);
        World[wish.Id] = wish.New;
        return Outputs(wish.Id, wish.New);
    }

    protected override Task DeleteAsync(OperationContext context, string id, ThingInputs inputs, ThingOutputs outputs, CancellationToken cancellationToken)
    {
        LastContext = context;
        World.TryRemove(id, out _);
        return Task.CompletedTask;
    }

    private async Task ObeyAsync(OperationContext context, ThingInputs inputs, string id, CancellationToken cancellationToken)
    {
        switch (inputs.Mode)
        {
            case ThingMode.Wait:
                Waiting.TrySetResult();
                await Task.Delay(Timeout.Infinite, cancellationToken);
                break;
            case ThingMode.Bug:
                throw new InvalidOperationException($"a bug that knows the password {inputs.Password}");
            case ThingMode.Half:
                World[id] = inputs;
                throw Partial(FailureReason.Unavailable, id, Outputs(id, inputs) with { Stale = true }, "the host h1 went away; start it, then run `pulumi up` again");
            case ThingMode.Conflict:
                throw new ProviderException(FailureReason.Conflict, "another thing has that name; import it");
        }
    }

    private static ThingOutputs Outputs(string id, ThingInputs inputs)
        => new() { Serial = "serial-" + id, Token = "token-of-" + id, Doubled = inputs.Size * 2, Parts = [.. inputs.Disks?.Select(disk => new ThingPart { Label = $"{disk.SizeGiB} GiB", Key = "key-of-" + id }) ?? []] };

    private static ObjectValue Renamed(ObjectValue value) => value["magnitude"] is { } size ? value.Without("magnitude").With("size", size) : value;
}

internal sealed record ThingInputs
{
    [Description("Its name.")]
    [AutoName(MaxLength = 20)]
    [Pattern("[a-z0-9-]{1,20}", "1 to 20 lower-case letters, digits and dashes")]
    public string? Name { get; init; }

    [Description("Where it stands.")]
    [HostAddress]
    public required string Address { get; init; }

    [Description("Its port.")]
    [DefaultValue(22)]
    [Port]
    public int Port { get; init; }

    [Description("Its size in units.")]
    [DefaultValue(1)]
    [Range(1, 100)]
    public int Size { get; init; }

    [Description("The most that its size may be.")]
    [AtLeast(0)]
    public int? Limit { get; init; }

    [Description("Its rate.")]
    public double? Rate { get; init; }

    [Description("Whether it is on.")]
    [DefaultValue(true)]
    public bool On { get; init; }

    [Description("What operations do.")]
    [DefaultValue(ThingMode.Work)]
    public ThingMode Mode { get; init; }

    [Description("Its zone.")]
    [Replaces]
    public string? Zone { get; init; }

    [Description("What it follows.")]
    [Replaces(WhenUnknown = false)]
    public string? Follows { get; init; }

    [Description("Its password.")]
    [Secret]
    [Length(8, 100)]
    public string? Password { get; init; }

    [Description("Its labels.")]
    [Length(0, 10)]
    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    [Description("Its disks.")]
    [Items(1, 3)]
    public IReadOnlyList<ThingDisk>? Disks { get; init; }

    [Description("Its networks.")]
    [Cidr]
    public IReadOnlyList<string>? Cidrs { get; init; }

    [Description("Its gateway.")]
    [IpAddress]
    public string? Gateway { get; init; }

    [Description("Whatever.")]
    public JsonElement? Extra { get; init; }

    [Description("Of no account.")]
    [NotEmpty]
    public string? Note { get; init; }
}

[Description("A disk.")]
internal sealed record ThingDisk
{
    [Description("Its size in GiB.")]
    [AtLeast(1)]
    public required int SizeGiB { get; init; }

    [Description("Its bus.")]
    [DefaultValue("virtio")]
    public string Bus { get; init; } = "virtio";

    [Description("Its key.")]
    [Secret]
    public string? Key { get; init; }
}

[Description("A part.")]
internal sealed record ThingPart
{
    [Description("What is on it.")]
    public required string Label { get; init; }

    [Description("Its key.")]
    [Secret]
    public required string Key { get; init; }
}

internal sealed record ThingOutputs
{
    [Description("Its serial number.")]
    [Stable]
    public required string Serial { get; init; }

    [Description("What opens it.")]
    [Secret]
    public required string Token { get; init; }

    [Description("Twice its size.")]
    public required int Doubled { get; init; }

    [Description("What it is made of.")]
    public required IReadOnlyList<ThingPart> Parts { get; init; }

    [Description("Whether it is not what was wished.")]
    [DefaultValue(false)]
    public bool Stale { get; init; }
}

[JsonConverter(typeof(JsonStringEnumConverter<ThingMode>))]
[Description("What operations do.")]
internal enum ThingMode
{
    [Description("Work.")]
    [JsonStringEnumMemberName("work")]
    Work,

    [Description("Wait for ever.")]
    [JsonStringEnumMemberName("wait")]
    Wait,

    [Description("Fail by a bug.")]
    [JsonStringEnumMemberName("bug")]
    Bug,

    [Description("Finish half.")]
    [JsonStringEnumMemberName("half")]
    Half,

    [Description("Meet something else.")]
    [JsonStringEnumMemberName("conflict")]
    Conflict,
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ThingInputs))]
[JsonSerializable(typeof(ThingOutputs))]
internal sealed partial class ThingJson : JsonSerializerContext;
