namespace Pulumi.Blanket.Engine.Programs.Expressions;

/// <summary>The functions of the language; each is written <c>fn::</c> and its name with a small first letter.</summary>
internal enum BuiltInFunction
{
    /// <summary>Any value, as compact JSON with its names in order.</summary>
    ToJson,

    /// <summary>A list's texts, with a text between them.</summary>
    Join,

    /// <summary>The parts of a text between a text.</summary>
    Split,

    /// <summary>A list's item, by its index from 0.</summary>
    Select,

    ToBase64,

    FromBase64,

    /// <summary>The same value, not to be shown.</summary>
    Secret,

    /// <summary>A file's text; relative to the program's folder.</summary>
    ReadFile,

    StringAsset,

    FileAsset,

    RemoteAsset,

    FileArchive,

    RemoteArchive,

    /// <summary>A folder of assets and archives by name.</summary>
    AssetArchive,

    /// <summary>The only item of a list; null where it is empty.</summary>
    SingleOrNone,

    /// <summary>How many items a list has, entries a map, characters a text.</summary>
    Length,

    /// <summary>Of a text in UTF-8, in small hexadecimal digits.</summary>
    Sha1,

    /// <summary>A file's bytes.</summary>
    FileBase64,

    /// <summary>The SHA-256 of a file's bytes, in base64.</summary>
    FileBase64Sha256,

    /// <summary>A secret's value, to be shown from now on.</summary>
    Unsecret,

    /// <summary>The name that a resource's URN has.</summary>
    PulumiResourceName,

    /// <summary>A resource's type.</summary>
    PulumiResourceType,
}
