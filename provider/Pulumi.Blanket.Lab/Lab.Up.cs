using System.Text.Json;
using Pulumi.Blanket.Lab.Cache;
using Pulumi.Blanket.Lab.Definition;
using Pulumi.Blanket.Lab.Hosts;
using Pulumi.Blanket.Lab.Keeping;
using Pulumi.Blanket.Lab.Machine;
using Pulumi.Blanket.Lab.Network;
using Pulumi.Blanket.Lab.Requirements;

namespace Pulumi.Blanket.Lab;

public sealed partial class Lab
{
    /// <summary>
    /// Brings a lab up and waits until every host answers over SSH and libvirt. Of a lab that is up already, hosts that are off are
    /// started; what an interrupted attempt left is cleared away first. When it fails or is cancelled, nothing stays behind.
    /// </summary>
    /// <exception cref="LabException">
    /// The definition is wrong, the machine lacks something, a lab of that name has other hosts, or a host did not come up.
    /// </exception>
    public static async Task<Lab> UpAsync(
        LabDefinition definition, LabPaths paths, IProgress<LabProgress> progress, IMachineFacts? machine = null, CancellationToken cancellationToken = default)
    {
        definition.Validated();
        await LabRequirements.CheckAsync(machine ?? new MachineFacts(), paths, cancellationToken);
        using (await LabLock.TakeAsync($"{paths.Root}/{definition.Name}", cancellationToken))
        {
            if (Find(definition.Name, paths) is not null)
            {
                return await ResumeAsync(definition, paths, progress, cancellationToken);
            }

            await TearDownAsync(definition.Name, paths);
            try
            {
                return await MakeAsync(definition, paths, progress, cancellationToken);
            }
            catch
            {
                await TearDownAsync(definition.Name, paths);
                throw;
            }
        }
    }

    private static async Task<Lab> ResumeAsync(LabDefinition definition, LabPaths paths, IProgress<LabProgress> progress, CancellationToken cancellationToken)
    {
        var lab = await OpenAsync(definition.Name, paths, cancellationToken);
        if (!lab.Definition.Hosts.SequenceEqual(definition.Hosts))
        {
            throw new LabException(LabFailure.Conflict,
                $"the lab '{definition.Name}' is up with other hosts ({string.Join(", ", lab.Hosts.Select(host => host.Name))}); run `blanket lab down {definition.Name}` first, or choose another name");
        }

        await Task.WhenAll(lab.Hosts.Select(async host =>
        {
            if (host.IsOn)
            {
                progress.Report(new(host.Name, "is up already", Done: true));
                return;
            }

            progress.Report(new(host.Name, "booting"));
            await host.StartAsync(cancellationToken);
            progress.Report(new(host.Name, "up", Done: true));
        }));
        return lab;
    }

    private static async Task<Lab> MakeAsync(LabDefinition definition, LabPaths paths, IProgress<LabProgress> progress, CancellationToken cancellationToken)
    {
        var folder = paths.Lab(definition.Name);
        LabPaths.CreatePrivate(paths.Root);
        LabPaths.CreatePrivate(folder);
        progress.Report(new("lab", "making namespaces"));
        var keeper = await Keeper.StartAsync(folder, definition.Name, paths.UniqueName(definition.Name), cancellationToken);
        await WriteJsonAsync(Path.Combine(folder, WanFile), new WanState { RatesMbps = definition.Hosts.ToDictionary(host => host.Name, host => host.RateMbps) },
            LabJson.Default.WanState, cancellationToken);

        LabCache cache = new(paths);
        var packages = await PackageState.ReadAsync(cancellationToken);
        var guestFolder = await GuestImage.GetAsync(cache, keeper, folder, progress, cancellationToken);
        var bare = definition.Hosts.Any(host => host.Bare)
            ? await BareLayer.GetAsync(cache, keeper, folder, progress, cancellationToken)
            : default;

        Lab lab = new(paths, new LabRecord(definition, packages, guestFolder), keeper);
        progress.Report(new("lab", "joining the WAN"));
        await lab.MakeWanAsync(cancellationToken);
        await lab.MakeKeyAsync(cancellationToken);
        await Task.WhenAll(lab.Hosts.Select(async host =>
        {
            progress.Report(new(host.Name, "making its root"));
            await host.MakeAsync(bare.Layer, bare.Repository, cancellationToken);
            progress.Report(new(host.Name, "booting"));
            await host.StartAsync(cancellationToken);
            progress.Report(new(host.Name, "up", Done: true));
        }));
        await lab.WriteSshFilesAsync(cancellationToken);
        await Task.WhenAll(lab.Hosts.Select(async host =>
            (await lab.RunAsync(["ssh", .. lab.SshArguments(host), "true"], cancellationToken: cancellationToken)).OutputOrThrow()));
        await WriteJsonAsync(Path.Combine(folder, RecordFile), lab._record, LabJson.Default.LabRecord, cancellationToken);
        return lab;
    }

    private async Task MakeKeyAsync(CancellationToken cancellationToken)
        => (await CommandRunner.RunAsync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", $"lab {Name}", "-f", PrivateKeyFile], cancellationToken: cancellationToken)).OutputOrThrow();

    private async Task WriteSshFilesAsync(CancellationToken cancellationToken)
    {
        await File.WriteAllLinesAsync(KnownHostsFile, Hosts.Select(host => $"{host.Address} {host.PublicHostKey}"), cancellationToken);
        await File.WriteAllTextAsync(SshConfigFile, string.Concat(Hosts.Select(host => $"""
            Host {host.Name}
                HostName {host.Address}
                {(host.Definition.Behind is { } gateway ? $"ProxyJump {gateway}" : "ProxyJump none")}

            """)) + $"""
            Host *
                User root
                IdentityFile {PrivateKeyFile}
                IdentitiesOnly yes
                UserKnownHostsFile {KnownHostsFile}
                GlobalKnownHostsFile /dev/null
                StrictHostKeyChecking yes
                ConnectTimeout 10

            """, cancellationToken);
        var wrapper = Path.Combine(Folder, "ssh");
        await File.WriteAllTextAsync(wrapper, $"#!/bin/sh\nexec ssh -F '{SshConfigFile}' \"$@\"\n", cancellationToken);
        File.SetUnixFileMode(wrapper, HostFiles.Executable);
    }

    internal static async Task WriteJsonAsync<T>(string path, T value, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type, CancellationToken cancellationToken)
        => await WriteWholeAsync(path, JsonSerializer.Serialize(value, type), cancellationToken);

    // Written beside, then renamed: a reader sees the whole of the old text or the whole of the new.
    internal static async Task WriteWholeAsync(string path, string text, CancellationToken cancellationToken)
    {
        await File.WriteAllTextAsync(path + ".new", text, cancellationToken);
        File.Move(path + ".new", path, overwrite: true);
    }
}
