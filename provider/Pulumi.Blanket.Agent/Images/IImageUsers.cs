namespace Pulumi.Blanket.Agent.Images;

/// <summary>Who needs images on this member.</summary>
internal interface IImageUsers
{
    /// <summary>SHA-256 of all images that VMs here use.</summary>
    Task<IEnumerable<string>> UsedImagesAsync(CancellationToken cancellationToken);

    /// <summary>Names of the VMs here that use an image.</summary>
    Task<IEnumerable<string>> NamesUsingAsync(string sha256, CancellationToken cancellationToken);
}
