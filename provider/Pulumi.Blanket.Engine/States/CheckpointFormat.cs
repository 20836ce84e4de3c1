using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Pulumi.Blanket.Engine.States;

/// <summary>What is fixed in Pulumi's state files (pulumi/pulumi, <c>sdk/go/common/apitype/core.go</c> and <c>pkg/resource/stack/deployment.go</c>).</summary>
internal static class CheckpointFormat
{
    /// <summary>The Pulumi engine whose format this is; it stands in the manifest, where Pulumi looks for who wrote a state.</summary>
    public const string EngineVersion = "3.259.0";

    public const int OldestVersion = 3;

    /// <summary>The version with features, written only when a resource uses one, so that an older Pulumi still reads the rest.</summary>
    public const int FeatureVersion = 4;

    public const string RefreshBeforeUpdateFeature = "refreshBeforeUpdate";
    public const string ViewsFeature = "views";
    public const string HooksFeature = "hooks";
    public const string TaintFeature = "taint";

    /// <summary>As deep as a JSON document may be; values of other packages than ours may be deeper than ours.</summary>
    public const int MaxDepth = 512;

    public static readonly string[] Features = [HooksFeature, RefreshBeforeUpdateFeature, TaintFeature, ViewsFeature];

    public static readonly string Magic = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(EngineVersion)));

    public static readonly JsonWriterOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    // `stack export` is for people too; four spaces are what Pulumi writes.
    public static readonly JsonWriterOptions Indented = Compact with { Indented = true, IndentSize = 4 };

    public static readonly JsonDocumentOptions Reading = new() { MaxDepth = MaxDepth };

    /// <summary>RFC 3339, UTC, with as many digits of the second as count.</summary>
    public static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", System.Globalization.CultureInfo.InvariantCulture);
}
