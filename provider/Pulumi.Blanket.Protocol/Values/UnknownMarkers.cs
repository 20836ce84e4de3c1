namespace Pulumi.Blanket.Protocol.Values;

/// <summary>The strings that stand for values not known yet (pulumi/pulumi, <c>sdk/go/common/resource/plugin/rpc.go</c>).</summary>
internal static class UnknownMarkers
{
    private static readonly (UnknownKind Kind, string Marker)[] All =
    [
        (UnknownKind.Text, "04da6b54-80e4-46f7-96ec-b56ff0331ba9"),
        (UnknownKind.Bool, "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7"),
        (UnknownKind.Number, "3eeb2bf0-c639-47a8-9e75-3b44932eb421"),
        (UnknownKind.Array, "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2"),
        (UnknownKind.Object, "dd056dcd-154b-4c76-9bd3-c8f88648b5ff"),
        (UnknownKind.Asset, "030794c1-ac77-496b-92df-f27374a8bd58"),
        (UnknownKind.Archive, "e48ece36-62e2-4504-bad9-02848725956a"),
    ];

    public static string Of(UnknownKind kind) => All.First(pair => pair.Kind == kind).Marker;

    public static UnknownKind? Find(string text)
    {
        if (text.Length != 36)
        {
            return null;
        }

        foreach (var (kind, marker) in All)
        {
            if (text == marker)
            {
                return kind;
            }
        }

        return null;
    }
}
