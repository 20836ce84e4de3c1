using System.Text.Json.Serialization.Metadata;
using Pulumi.Blanket.Provider.Errors;
using Pulumi.Blanket.Provider.Operations;

namespace Pulumi.Blanket.Provider.Resources.SshKey;

/// <summary>A key pair that is made once and lives in the stack's state, and nowhere else.</summary>
internal sealed class SshKeyResource() : Resource<SshKeyInputs, SshKeyOutputs>("blanket:index:SshKey")
{
    protected override JsonTypeInfo<SshKeyInputs> InputType => SshKeyJson.Default.SshKeyInputs;

    protected override JsonTypeInfo<SshKeyOutputs> OutputType => SshKeyJson.Default.SshKeyOutputs;

    // The comment is the name, and the rest of the line stays.
    protected override void Preview(PreviewContext<SshKeyInputs, SshKeyOutputs> preview)
    {
        if (preview.OldOutputs is { } old && preview.Operation.Knows(nameof(SshKeyInputs.Name)))
        {
            preview.Know(nameof(SshKeyOutputs.PublicKey), Named(old.PublicKey, preview.New.Name));
        }
    }

    // RSA takes a second or two; the thread of the call is not for that.
    protected override Task<Made<SshKeyOutputs>> CreateAsync(OperationContext context, SshKeyInputs inputs, CancellationToken cancellationToken) => Task.Run(() =>
    {
        var pair = OpenSshKeyPair.Generate(inputs.Algorithm);
        return new Made<SshKeyOutputs>(pair.Fingerprint, new SshKeyOutputs { PrivateKey = pair.PrivateKey, PublicKey = Named(pair.PublicKey, inputs.Name) });
    }, cancellationToken);

    protected override Task<Found<SshKeyInputs, SshKeyOutputs>?> ReadAsync(
        OperationContext context, string id, SshKeyInputs? inputs, SshKeyOutputs? outputs, CancellationToken cancellationToken)
        => Task.FromResult<Found<SshKeyInputs, SshKeyOutputs>?>(outputs is not null
            ? new(id, Inputs: null, outputs)
            : throw new ProviderException(
                FailureReason.BadInput,
                $"the SshKey '{id}' can't be imported: a key lives in a stack's state and nowhere else, and its private half can't be had from its fingerprint; "
                + "to use a key that you have, give it to `privateKey` of the hosts or of the provider as a secret"));

    protected override Task<SshKeyOutputs> UpdateAsync(OperationContext context, Wish<SshKeyInputs, SshKeyOutputs> wish, CancellationToken cancellationToken)
        => Task.FromResult(wish.Outputs with { PublicKey = Named(wish.Outputs.PublicKey, wish.New.Name) });

    // Forgetting it is all there is to do.
    protected override Task DeleteAsync(OperationContext context, string id, SshKeyInputs inputs, SshKeyOutputs outputs, CancellationToken cancellationToken) => Task.CompletedTask;

    private static string Named(string publicKey, string? name) => string.Join(' ', [.. publicKey.Split(' ', 3).Take(2), name]);
}
