using Pulumi.Blanket.Contract;
using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.Provider.Resources.Image;

/// <summary>What of an image's inputs can be wrong beyond single values, and the hash that follows from a file.</summary>
internal static class ImageValidation
{
    public static void Check(CheckContext<ImageInputs> check)
    {
        if (!check.Knows(nameof(ImageInputs.Source)))
        {
            if (check.Raw["source"]?.ContainsUnknown == true && check.Raw["sha256"] is null)
            {
                // What it comes from is not known yet, and so is what it is.
                check.Set(nameof(ImageInputs.Sha256), UnknownValue.Text);
            }
        }
        else if (check.Inputs.Source is { } source && check.Knows(nameof(ImageInputs.Sha256)))
        {
            if (ImageSource.IsUrl(source))
            {
                if (ImageUrl.HasSecrets(source) && check.Raw["source"] is { ContainsSecret: false } raw)
                {
                    check.Set(nameof(ImageInputs.Source), new SecretValue(raw)); // a password, or a signature
                }

                CheckUrl(check, source);
            }
            else
            {
                CheckFile(check, source);
            }
        }
    }

    private static void CheckUrl(CheckContext<ImageInputs> check, string source)
    {
        if (!ImageSource.IsDownload(source))
        {
            check.Fault(nameof(ImageInputs.Source), $"source is '{ImageUrl.WithoutSecrets(source)}'; it must be a URL that starts with https:// or http:// and names a host, or the path of a file");
        }
        else if (check.Inputs.Sha256 is null)
        {
            check.Fault(nameof(ImageInputs.Sha256), "sha256 is missing; an image that is downloaded needs the one that whoever publishes it tells, so that nothing else is ever taken for it");
        }
    }

    private static void CheckFile(CheckContext<ImageInputs> check, string source)
    {
        try
        {
            var hash = ImageSource.HashOf(source);
            if (check.Inputs.Sha256 is not { } given)
            {
                check.Set(nameof(ImageInputs.Sha256), hash);
            }
            else if (given != hash)
            {
                check.Fault(nameof(ImageInputs.Sha256), $"sha256 is '{given}', and the file '{source}' has {hash}; leave sha256 out, or give the file that it is of");
            }
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            check.Fault(nameof(ImageInputs.Source), $"source is '{source}', a file that can't be read: {fault.Message} Give the path of an image on the machine that runs Pulumi, or an https:// URL");
        }
    }
}
