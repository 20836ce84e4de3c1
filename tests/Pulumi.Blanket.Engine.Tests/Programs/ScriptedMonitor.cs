using System.Collections.Concurrent;
using System.Collections.Immutable;
using Pulumi.Blanket.Engine.Monitoring;
using Pulumi.Blanket.Protocol;
using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.Engine.Tests.Programs;

/// <summary>
/// An engine that notes what a program asks of it. Unless a script says otherwise, a resource gets its inputs and an `arn` as outputs,
/// in a preview without the `arn` and with an unknown id.
/// </summary>
internal sealed class ScriptedMonitor(bool isPreview = false) : IResourceMonitor
{
    private readonly Lock _lock = new();

    public List<ResourceGoal> Goals { get; } = [];

    public List<ReadGoal> Reads { get; } = [];

    public List<InvokeGoal> Invokes { get; } = [];

    public List<(string Urn, ObjectValue Outputs)> Outputs { get; } = [];

    /// <summary>By name, what is waited for before a registration is answered.</summary>
    public ConcurrentDictionary<string, Task> Gates { get; } = new();

    /// <summary>By name, what the registration fails with.</summary>
    public Dictionary<string, Exception> Failures { get; } = [];

    /// <summary>By name, changes the answer to a registration or a read.</summary>
    public Dictionary<string, Func<RegisteredResource, RegisteredResource>> Answers { get; } = [];

    public Func<InvokeGoal, ObjectValue> OnInvoke { get; set; } = goal => goal.Arguments["text"] is StringValue text
        ? Values.Object(("echo", text.Text), ("length", (double)text.Text.Length)) : ObjectValue.Empty;

    public ResourceGoal this[string name] => Goals.Single(goal => goal.Name == name);

    public ObjectValue StackOutputs => Outputs.Single().Outputs;

    public IEnumerable<string> Names => Goals.Select(goal => goal.Name);

    public static string UrnOf(string name, string type = "sample:index:Thing") => Urn.Of("dev", "proj", null, type, name);

    public Task<RegisteredResource> RegisterResourceAsync(ResourceGoal goal, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            Goals.Add(goal);
        }

        var outputs = isPreview || !goal.Custom ? goal.Inputs : goal.Inputs.With("arn", $"arn:{goal.Name}");
        return AnswerAsync(goal.Name, new RegisteredResource(Urn.Of("dev", "proj", goal.Parent, goal.Type, goal.Name),
            !goal.Custom ? null : isPreview ? UnknownValue.Text : new StringValue($"{goal.Name}-1"), outputs));
    }

    public Task<RegisteredResource> ReadResourceAsync(ReadGoal goal, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            Reads.Add(goal);
        }

        return AnswerAsync(goal.Name, new RegisteredResource(UrnOf(goal.Name, goal.Type), goal.Id, goal.State.With("arn", $"arn:{goal.Name}")));
    }

    public Task RegisterOutputsAsync(string urn, ObjectValue outputs, CancellationToken cancellationToken)
    {
        Outputs.Add((urn, outputs));
        return Task.CompletedTask;
    }

    public async Task<ObjectValue> InvokeAsync(InvokeGoal goal, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            Invokes.Add(goal);
        }

        await Task.Yield();
        return OnInvoke(goal);
    }

    private async Task<RegisteredResource> AnswerAsync(string name, RegisteredResource resource)
    {
        if (Gates.TryGetValue(name, out var gate))
        {
            await gate;
        }

        return Failures.TryGetValue(name, out var failure) ? throw failure : Answers.TryGetValue(name, out var change) ? change(resource) : resource;
    }
}
