namespace Pulumi.Blanket.Protocol.Values;

/// <summary>
/// The strings by which Pulumi marks values that JSON has no form for. They are part of the protocol, and the same in every SDK
/// (pulumi/pulumi, <c>sdk/go/common/resource/sig</c> and <c>plugin/rpc.go</c>).
/// </summary>
internal static class Signatures
{
    /// <summary>The key of a struct whose value says what the struct stands for.</summary>
    public const string Key = "4dabf18193072939515e22adb298388d";

    public const string Secret = "1b47061264138c4ac30d75fd1eb44270";
    public const string Output = "d0e6a833031e9bbcd3f4e8bde6ca49a4";
    public const string ResourceReference = "5cf8f73096256a8f31e491e813e4eb8e";
    public const string Asset = "c44067f5952c0a294b673a41bacd8c17";
    public const string Archive = "0def7320c3a5731c473e5ecbe6d01bc7";
    public const string ByteString = "803fd3297a5875dc03ca845dda5d2a98";
}
