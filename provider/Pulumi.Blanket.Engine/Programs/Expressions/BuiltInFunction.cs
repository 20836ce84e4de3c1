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
}
