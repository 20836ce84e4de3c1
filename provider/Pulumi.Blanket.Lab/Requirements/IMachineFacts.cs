namespace Pulumi.Blanket.Lab.Requirements;

/// <summary>What the lab asks of the machine before it touches anything. An interface, since one test machine can't lack it all.</summary>
public interface IMachineFacts
{
    bool IsLinuxX64 { get; }

    bool IsRoot { get; }

    /// <summary>True in a process that runs inside a lab's namespaces.</summary>
    bool IsInsideLab { get; }

    /// <summary>True when the program is on <c>PATH</c> or at the absolute path given.</summary>
    bool HasProgram(string program);

    /// <summary>True when a path matching the pattern exists; a <c>*</c> stands for any text in the last part.</summary>
    bool HasFile(string pattern);

    /// <summary>Names of the kernel features that a lab needs and that this kernel does not offer.</summary>
    Task<IReadOnlyList<string>> MissingKernelFeaturesAsync(CancellationToken cancellationToken);

    /// <summary>Those of the folders that don't lie on the root file system.</summary>
    Task<IReadOnlyList<string>> FoldersOnOtherFileSystemsAsync(IReadOnlyList<string> folders, CancellationToken cancellationToken);

    /// <summary>File-system type of the nearest existing folder at or above this path, such as <c>ext4</c>.</summary>
    Task<string> FileSystemTypeAsync(string path, CancellationToken cancellationToken);
}
