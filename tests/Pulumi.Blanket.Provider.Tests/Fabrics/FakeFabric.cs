using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Pulumi.Blanket.Contract;
using Pulumi.Blanket.Protocol;
using Pulumi.Blanket.Protocol.Values;
using Pulumi.Blanket.Provider.Agents;
using Pulumi.Blanket.Provider.Definitions;
using Pulumi.Blanket.Provider.Ssh.Keys;

namespace Pulumi.Blanket.Provider.Tests.Fabrics;

/// <summary>A fabric whose agents keep everything in memory, reached without SSH. It does what the contract says, and lets members fall silent and calls fail.</summary>
internal sealed class FakeFabric : IAsyncDisposable
{
    public const string Id = "fab1";

    private readonly WebApplication _application;
    private readonly Dictionary<int, FakeMember> _byPort;
    private readonly ConcurrentDictionary<string, GrpcChannel> _channels = new();
    private readonly int _entries;

    private FakeFabric(WebApplication application, IReadOnlyList<FakeMember> members, int[] ports, int entries)
    {
        (_application, Members, _entries) = (application, members, entries);
        _byPort = ports.Zip(members).ToDictionary(pair => pair.First, pair => pair.Second);
        Facts = new FabricFacts { FabricId = Id, Version = 1, Primary = members[0].MachineId };
        Facts.Members.Add(members.Select(member => new Member
        {
            MachineId = member.MachineId,
            Settings = new HostSettings { Name = member.Name, Address = member.Name, Port = 22 },
            SshHostKey = $"key of {member.Name}",
        }));
        Access = new FabricAccess(new AgentAccess(target => ChannelTo(target.Address)));
    }

    public IReadOnlyList<FakeMember> Members { get; }

    /// <summary>What the members share; to be locked.</summary>
    public FabricFacts Facts { get; }

    public FabricAccess Access { get; }

    /// <summary>Calls as they came: by which entry, for which member, and which.</summary>
    public ConcurrentQueue<(string Entry, string Member, string Method)> Calls { get; } = new();

    /// <summary>Lets a call fail; null lets it pass.</summary>
    public Func<string, RpcException?> Fault { get; set; } = static _ => null;

    public FakeMember this[string name] => Members.Single(member => member.Name == name);

    /// <summary>The connection as a Fabric answers it.</summary>
    public PropertyValue Connection => new SecretValue(JsonValues.Parse($$"""
        {"fabricId": "{{Id}}", "account": "blanket", "privateKey": "hunter2", "publicKey": "ssh-ed25519 AAAA",
         "entries": [{{string.Join(", ", Members.Take(_entries).Select(member => $$"""{"address": "{{member.Name}}", "port": 22, "hostKey": "key of {{member.Name}}"}"""))}}]}
        """)!);

    /// <param name="entries">How many of the members are in the connection.</param>
    public static async Task<FakeFabric> StartAsync(int entries = 2, params string[] names)
    {
        FakeMember[] members = [.. (names.Length == 0 ? ["a", "b", "c"] : names).Select(name => new FakeMember(name))];
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            foreach (var _ in members)
            {
                kestrel.Listen(IPAddress.Loopback, 0, endPoint => endPoint.Protocols = HttpProtocols.Http2);
            }
        });
        builder.Services.AddRoutingCore();
        builder.Services.AddGrpc();
        builder.Services.AddSingleton<Holder>();
        var application = builder.Build();
        application.MapGrpcService<FakeRegistry>();
        application.MapGrpcService<FakeMachines>();
        application.MapGrpcService<FakeVolumes>();
        application.MapGrpcService<FakeImages>();
        application.MapGrpcService<FakePings>();
        await application.StartAsync();
        var ports = application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Select(address => new Uri(address).Port).ToArray();
        FakeFabric fabric = new(application, members, ports, entries);
        application.Services.GetRequiredService<Holder>().Fabric = fabric;
        return fabric;
    }

    /// <summary>The member that a call is for, once it may be answered.</summary>
    public async Task<FakeMember> EnterAsync(ServerCallContext context, bool isChange = false)
    {
        var entry = _byPort[context.GetHttpContext().Connection.LocalPort];
        var header = context.RequestHeaders.GetValue(AgentClient.MemberHeader);
        var member = header is null ? entry : Members.Single(known => known.MachineId == header);
        var method = context.Method[(context.Method.LastIndexOf('.') + 1)..];
        Calls.Enqueue((entry.Name, member.Name, method));
        if (entry.IsSilent || entry.IsCut)
        {
            await Task.Delay(Timeout.Infinite, context.CancellationToken);
        }

        if (member.IsSilent)
        {
            throw new RpcException(new Status(StatusCode.Unavailable, $"{member.Name} does not answer over the mesh"));
        }

        if (isChange && member.MachineId != Facts.Primary)
        {
            throw new RpcException(new Status(StatusCode.Aborted, "this member is not the primary"));
        }

        return Fault(method) is { } fault ? throw fault : member;
    }

    public static StoredImage Stored(byte[] bytes) => new()
    {
        Sha256 = Convert.ToHexStringLower(SHA256.HashData(bytes)),
        SizeBytes = bytes.Length,
        VirtualSizeBytes = bytes.Length * 2,
        SourceSizeBytes = bytes.Length,
        Format = "qcow2",
    };

    public async ValueTask DisposeAsync()
    {
        foreach (var channel in _channels.Values)
        {
            channel.Dispose();
        }

        using CancellationTokenSource now = new(TimeSpan.Zero);
        await _application.StopAsync(now.Token);
        await _application.DisposeAsync();
    }

    private GrpcChannel ChannelTo(string name)
        => _channels.GetOrAdd(name, key => GrpcChannel.ForAddress($"http://127.0.0.1:{_byPort.First(pair => pair.Value.Name == key).Key}"));

    /// <summary>How services that the server makes find their fabric.</summary>
    internal sealed class Holder
    {
        public FakeFabric Fabric { get; set; } = null!;
    }
}
