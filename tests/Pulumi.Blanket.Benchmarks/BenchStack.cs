using System.Diagnostics;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Pulumi.Blanket.Protocol;
using Pulumi.Blanket.Protocol.Contract;
using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.Benchmarks;

/// <summary>The steps that an engine takes with a plugin. What is measured is the one call, from the request to the answer.</summary>
internal sealed class BenchStack(ServerProcess plugin)
{
    private readonly ResourceProvider.ResourceProviderClient _client = new(plugin.Channel);

    public async Task ConfigureAsync(ObjectValue settings, CancellationToken cancellationToken) => await _client.ConfigureAsync(
        new ConfigureRequest { Args = PropertyCodec.EncodeObject(settings), AcceptSecrets = true, AcceptResources = true, SendsOldInputs = true, SendsOldInputsToDelete = true },
        cancellationToken: cancellationToken);

    public async Task<BenchResource> UpAsync(string type, string name, ObjectValue program, CancellationToken cancellationToken)
        => await CreateAsync(await CheckAsync(type, name, program, cancellationToken), cancellationToken);

    /// <returns>What is not made yet.</returns>
    public async Task<BenchResource> CheckAsync(string type, string name, ObjectValue program, CancellationToken cancellationToken)
    {
        var token = $"blanket:index:{type}";
        var check = await _client.CheckAsync(
            new CheckRequest { Urn = UrnOf(token, name), Type = token, Name = name, News = PropertyCodec.EncodeObject(program), RandomSeed = ByteString.CopyFromUtf8(name) }, cancellationToken: cancellationToken);
        return check.Failures.Count == 0
            ? new BenchResource(token, name, "", check.Inputs, new Struct())
            : throw new InvalidOperationException($"{name}: {string.Join("; ", check.Failures.Select(failure => failure.Reason))}");
    }

    public async Task<BenchResource> CreateAsync(BenchResource wanted, CancellationToken cancellationToken)
    {
        var made = await _client.CreateAsync(
            new CreateRequest { Urn = UrnOf(wanted.Type, wanted.Name), Type = wanted.Type, Name = wanted.Name, Properties = wanted.Inputs }, cancellationToken: cancellationToken);
        return wanted with { Id = made.Id, State = made.Properties };
    }

    /// <summary>What an `up` does with a changed program of a resource that is refreshed before.</summary>
    /// <returns>The resource, and how long the Update itself took, in ms.</returns>
    public async Task<(BenchResource Resource, double Ms)> UpdateAsync(BenchResource known, ObjectValue program, CancellationToken cancellationToken)
    {
        var wanted = await CheckAsync(known.Type[(known.Type.LastIndexOf(':') + 1)..], known.Name, program, cancellationToken);
        known = await ReadAsync(known, cancellationToken);
        var start = Stopwatch.GetTimestamp();
        var updated = await _client.UpdateAsync(
            new UpdateRequest { Id = known.Id, Urn = UrnOf(known.Type, known.Name), Type = known.Type, Name = known.Name, OldInputs = known.Inputs, Olds = known.State, News = wanted.Inputs }, cancellationToken: cancellationToken);
        return (known with { Inputs = wanted.Inputs, State = updated.Properties }, Stopwatch.GetElapsedTime(start).TotalMilliseconds);
    }

    public async Task<BenchResource> ReadAsync(BenchResource known, CancellationToken cancellationToken)
    {
        var read = await _client.ReadAsync(
            new ReadRequest { Id = known.Id, Urn = UrnOf(known.Type, known.Name), Type = known.Type, Name = known.Name, Inputs = known.Inputs, Properties = known.State }, cancellationToken: cancellationToken);
        return known with { Id = read.Id, Inputs = read.Inputs, State = read.Properties };
    }

    public async Task DeleteAsync(BenchResource known, CancellationToken cancellationToken) => await _client.DeleteAsync(
        new DeleteRequest { Id = known.Id, Urn = UrnOf(known.Type, known.Name), Type = known.Type, Name = known.Name, OldInputs = known.Inputs, Properties = known.State }, cancellationToken: cancellationToken);

    private static string UrnOf(string token, string name) => $"urn:pulumi:dev::bench::{token}::{name}";
}
