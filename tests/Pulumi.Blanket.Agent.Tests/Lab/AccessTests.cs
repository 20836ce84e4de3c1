using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Pulumi.Blanket.Agent.Fabrics;
using Pulumi.Blanket.Agent.Serving;
using Pulumi.Blanket.Agent.Tests.Support;
using Pulumi.Blanket.Contract;
using Pulumi.Blanket.Lab;
using Pulumi.Blanket.Lab.Hosts;
using Pulumi.Blanket.Lab.Tests;
using Pulumi.Blanket.Lab.Tests.Support;

namespace Pulumi.Blanket.Agent.Tests.Lab;

/// <summary>Who may call what, over all methods of the contract, in a fabric of two: however the path is written, whichever member the call names, by whichever way it comes.</summary>
[Collection(nameof(AgentLab))]
public sealed class AccessTests(AgentLab lab) : AgentLabTest(lab)
{
    private const int AtOnce = 8;

    /// <summary>A frame with a message that no message is: it gets to whoever may be called, and nothing comes of it.</summary>
    private static readonly byte[] NoMessage = [0, 0, 0, 0, 1, 0xff];

    /// <summary>A frame with a message in which nothing is set: whatever is called with it would do something, or say why not.</summary>
    private static readonly byte[] EmptyMessage = [0, 0, 0, 0, 0];

    private static readonly string[] Stranger = ["00000000000000000000000000000bad"];

    [LabFact]
    public async Task EachMethodIsOpenToWhomItIsMeantForAlone()
    {
        LabHost[] hosts = [Lab.Public, Lab.FirstBehindNat];
        var facts = await FoundAsync(hosts);
        var (here, other) = (facts.Members[0], facts.Members[1]);
        await Eventually.TrueAsync(async () => (await hosts[1].RunAsync(["timeout", "2", "bash", "-c", $"exec 3<>/dev/tcp/{here.MeshAddress}/{TestFabric.Settings.MeshPort}"])).ExitCode == 0, "the mesh is up");
        using var root = Client(_ => ConnectAsRootAsync(hosts[0]));
        using var account = Client(_ => new ValueTask<Stream>(ConnectAsAccount(hosts[0])));
        var key = await File.ReadAllTextAsync(hosts[1].PathInside($"/var/lib/blanket/{TestFabric.Id}/tls.key"), TestContext.Current.CancellationToken);
        using var certificate = X509Certificate2.CreateFromPem(other.Certificate, key);
        using var member = MeshClient(hosts[1], here, facts, certificate);
        (string Name, MachineIds Of)[] named =
        [
            ("none", static (_, _) => []), ("itself", static (self, _) => [self]), ("another", static (_, another) => [another]),
            ("two", static (self, another) => [self, another]), ("one with a comma", static (self, another) => [$"{self}, {another}"]), ("a stranger", static (_, _) => Stranger),
        ];
        (AccessCaller Caller, HttpMessageInvoker Http, bool Relayed)[] callers =
            [(AccessCaller.Root, root, false), (AccessCaller.Account, account, false), (AccessCaller.Member, member, false), (AccessCaller.Relayed, member, true)];
        var since = await hosts[0].RunOrThrowAsync(["date", "+%s"]);
        var before = await Task.WhenAll(hosts.Select(FilesAsync));
        List<string> faults = [];
        var calls = 0;
        foreach (var (caller, http, isRelayed) in callers)
        {
            await Parallel.ForEachAsync(
                from method in AgentMethods.All
                from path in AccessPaths.Of(AgentMethods.PathOf(method))
                from header in named
                select (method, path, header), new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = TestContext.Current.CancellationToken },
                async (cell, token) =>
                {
                    var expected = AccessTable.Expected(cell.method, caller, cell.header.Name);
                    var body = expected == AccessOutcome.Handled ? NoMessage : EmptyMessage;
                    var outcome = await CallAsync(http, caller is AccessCaller.Root or AccessCaller.Account ? "http" : "https", cell.path, cell.header.Of(here.MachineId, other.MachineId), isRelayed, body, token);
                    Interlocked.Increment(ref calls);
                    if (outcome != expected && !(cell.path != AgentMethods.PathOf(cell.method) && outcome == AccessOutcome.NoMethod))
                    {
                        lock (faults)
                        {
                            faults.Add($"{caller} at {cell.path}, naming {cell.header.Name}: {outcome}, expected {expected}");
                        }
                    }
                });
        }

        TestContext.Current.TestOutputHelper!.WriteLine($"{calls} calls");
        Assert.True(faults.Count == 0, string.Join("\n", faults.OrderBy(static fault => !fault.Contains(": Handled", StringComparison.Ordinal)).Take(40)));

        // Nothing that is closed to the account was entered for it, here or there, and nothing was written.
        var entered = (await Task.WhenAll(hosts.Select(host => EnteredForTheAccountAsync(host, since.Trim())))).SelectMany(static lines => lines).ToList();
        Assert.NotEmpty(entered);
        Assert.DoesNotContain(entered, static line => AgentMethods.All.Any(method => !AccessTable.IsOpenToAccount(method) && line.StartsWith(AgentMethods.PathOf(method) + " ", StringComparison.Ordinal)));
        Assert.Equal(before, await Task.WhenAll(hosts.Select(FilesAsync)));
        foreach (var host in hosts)
        {
            await AgentLab.TakeBackAsync(host);
        }
    }

    [LabFact]
    public async Task AKeyOfAnotherFabricGetsNowhere()
    {
        await FoundAsync(Lab.Public);
        var folder = Directory.CreateTempSubdirectory("blanket-other-fabric");
        try
        {
            var file = Path.Combine(folder.FullName, "key");
            (await Lab.Lab.RunAsync(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", file])).OutputOrThrow();
            var refused = await Lab.Lab.RunAsync(
                ["timeout", "20", "ssh", "-F", "/dev/null", "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "IdentitiesOnly=yes", "-i", file, $"blanket@{Lab.Public.Address}", "true"]);
            Assert.NotEqual(0, refused.ExitCode);
            Assert.Contains("Permission denied", refused.Error, StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }

        await AgentLab.TakeBackAsync(Lab.Public);
    }

    [Fact]
    public void EachMethodHasARow()
    {
        Assert.Equal(AgentMethods.All.Select(AgentMethods.PathOf).Order(StringComparer.Ordinal), AccessTable.Paths.Order(StringComparer.Ordinal));
    }

    private static async Task<AccessOutcome> CallAsync(HttpMessageInvoker http, string scheme, string path, IReadOnlyList<string> named, bool isRelayed, byte[] body, CancellationToken cancellationToken)
    {
        using HttpRequestMessage request = new(HttpMethod.Post, new Uri($"{scheme}://agent{path}", new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(body),
        };
        request.Content.Headers.ContentType = new("application/grpc");
        request.Headers.TE.Add(new("trailers"));
        foreach (var name in named)
        {
            request.Headers.TryAddWithoutValidation(Relay.MemberHeader, name);
        }

        if (isRelayed)
        {
            request.Headers.Add(Relay.RelayedHeader, "1");
        }

        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        end.CancelAfter(TimeSpan.FromSeconds(60));
        using var response = await http.SendAsync(request, end.Token);
        await response.Content.ReadAsByteArrayAsync(end.Token);
        var status = Value("grpc-status");
        var message = Uri.UnescapeDataString(Value("grpc-message"));
        return (response.StatusCode, status) switch
        {
            (HttpStatusCode.NotFound, _) or (_, "12") => AccessOutcome.NoMethod,
            (_, "7") => AccessOutcome.Denied,
            (_, "9") when message.Contains("is no member of the fabric", StringComparison.Ordinal) => AccessOutcome.NoMember,
            (_, "3") when message.Contains("more than one member", StringComparison.Ordinal) => AccessOutcome.NotOneMember,
            (_, "" or "14") => throw new InvalidOperationException($"{path}: {response.StatusCode} {status} {message}"),
            _ => AccessOutcome.Handled,
        };

        string Value(string name) => response.Headers.TryGetValues(name, out var early) || response.TrailingHeaders.TryGetValues(name, out early) ? early.First() : "";
    }

    private static HttpMessageInvoker Client(Func<CancellationToken, ValueTask<Stream>> connect) => new(new SocketsHttpHandler { ConnectCallback = (_, token) => connect(token) });

    private static HttpMessageInvoker MeshClient(LabHost from, Member to, FabricFacts facts, X509Certificate2 certificate) => new(new SocketsHttpHandler
    {
        ConnectCallback = async (_, token) => new NetworkStream(await from.ConnectAsync(new IPEndPoint(IPAddress.Parse(to.MeshAddress), TestFabric.Settings.MeshPort), token), ownsSocket: true),
        SslOptions = new SslClientAuthenticationOptions
        {
            ClientCertificateContext = SslStreamCertificateContext.Create(certificate, null, offline: true),
            RemoteCertificateValidationCallback = (_, presented, _, _) => FabricCertificates.Verify(presented as X509Certificate2, facts.CaCertificate) == to.MachineId,
        },
    });

    private static async ValueTask<Stream> ConnectAsRootAsync(LabHost host)
    {
        Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(host.PathInside("/run/blanket/agent.sock")));
        return new NetworkStream(socket, ownsSocket: true);
    }

    private ProcessStream ConnectAsAccount(LabHost host)
    {
        var (program, arguments) = Lab.Lab.ControlCommand("/", ["ssh", "-F", Lab.Lab.SshConfigFile, "-o", $"HostKeyAlias={host.Address}", "-o", "LogLevel=ERROR", $"blanket@{host.Address}"]);
        return new ProcessStream(program, arguments);
    }

    private async Task<FabricFacts> FoundAsync(params LabHost[] hosts)
    {
        var facts = await TestFabric.FoundAsync(hosts);
        var key = (await File.ReadAllTextAsync(Lab.Lab.PrivateKeyFile + ".pub")).Split(' ');
        var changed = await TestFabric.ChangeAsync(hosts[0], new ChangeRequest
        {
            FabricId = TestFabric.Id,
            ExpectedVersion = facts.Version,
            Authorize = { new AuthorizedKey { Owner = "test", PublicKey = $"{key[0]} {key[1]}" } },
        });
        foreach (var host in hosts[1..])
        {
            await TestFabric.ApplyAsync(host, changed);
        }

        return changed;
    }

    /// <summary>What the agent wrote into its log of calls that the account made, by their methods.</summary>
    private static async Task<IReadOnlyList<string>> EnteredForTheAccountAsync(LabHost host, string since)
        => [.. (await host.RunOrThrowAsync(["journalctl", $"_PID={await AgentLab.ProcessAsync(host)}", $"--since=@{since}", "--output=cat"])).Split('\n').Where(static line => line.Contains(" for the account", StringComparison.Ordinal))];

    /// <summary>Everything that an agent could have written for anybody, but for the log.</summary>
    private static async Task<string> FilesAsync(LabHost host)
        => await host.RunOrThrowAsync(["sh", "-c", "find /etc /root /usr/local /var/lib/blanket /var/lib/libvirt -xdev -type f -exec sha256sum {} + | sort -k 2"]);

    private delegate string[] MachineIds(string self, string another);
}
