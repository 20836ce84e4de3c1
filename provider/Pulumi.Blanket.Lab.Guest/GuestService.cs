using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Pulumi.Blanket.Lab.Guest;

/// <summary>
/// The service on port 80 that tests lean on:
/// <list type="bullet">
/// <item><c>GET /status</c>: JSON with hostname, uptimeSeconds, memoryCounter, diskCounter, cpus, memoryMiB, addresses, disks.</item>
/// <item><c>GET /stream?intervalMs=50</c>: one TCP connection of numbered lines from 1, until the client leaves.</item>
/// <item><c>POST /load?memoryMiBps=N&amp;diskMiBps=N&amp;heartbeatMs=N</c>: dirties so much per second from now on, and broadcasts "memoryCounter diskCounter" to UDP port 9797 so often; what is not named is off.</item>
/// </list>
/// Requests have no body. It is plain TCP: .NET's HttpListener ends the process when a client connects while it starts.
/// </summary>
internal sealed class GuestService(Counters counters, MemoryLoad memoryLoad, DiskLoad diskLoad, Heartbeat heartbeat) : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Any, 80);

    public void Start() => _listener.Start();

    public void Serve()
    {
        while (true)
        {
            var client = _listener.AcceptTcpClient();
            new Thread(() => Answer(client)) { IsBackground = true }.Start();
        }
    }

    public void Dispose() => _listener.Dispose();

    private void Answer(TcpClient client)
    {
        try
        {
            using (client)
            {
                client.NoDelay = true;
                using StreamReader requests = new(client.GetStream(), Encoding.ASCII);
                while (requests.ReadLine()?.Split(' ') is [var method, var target, ..])
                {
                    var last = EndsAfterThis(requests);
                    Answer(client.GetStream(), method, target);
                    if (last)
                    {
                        break;
                    }
                }
            }
        }
        catch (Exception fault) when (fault is IOException or SocketException or ObjectDisposedException)
        {
            // The client left; that is how a stream ends.
        }
    }

    private void Answer(NetworkStream client, string method, string target)
    {
        var (path, query) = target.IndexOf('?', StringComparison.Ordinal) is var mark and >= 0 ? (target[..mark], target[(mark + 1)..]) : (target, "");
        switch (method, path)
        {
            case ("GET", "/status"):
                Finish(client, "200 OK", Status(), "application/json");
                break;
            case ("GET", "/stream"):
                Stream(client, Number(query, "intervalMs", 50, least: 1, most: 60_000));
                break;
            case ("POST", "/load"):
                memoryLoad.MiBPerSecond = Number(query, "memoryMiBps", 0, least: 0, most: 1000);
                diskLoad.MiBPerSecond = Number(query, "diskMiBps", 0, least: 0, most: 1000);
                heartbeat.IntervalMs = Number(query, "heartbeatMs", 0, least: 0, most: 60_000);
                Finish(client, "200 OK", "ok\n");
                break;
            default:
                Finish(client, "404 Not Found", "GET /status, GET /stream?intervalMs=50, POST /load?memoryMiBps=0&diskMiBps=0&heartbeatMs=0\n");
                break;
        }
    }

    // Reads the rest of the request's head: whether the client wants the connection closed behind the answer.
    private static bool EndsAfterThis(StreamReader requests)
    {
        var ends = false;
        while (requests.ReadLine() is { Length: > 0 } header)
        {
            ends |= header.Replace(" ", "").Equals("connection:close", StringComparison.OrdinalIgnoreCase);
        }

        return ends;
    }

    private string Status()
    {
        Drivers.LoadForControllers(); // of what was plugged in
        var uptime = File.ReadAllText("/proc/uptime").Split(' ')[0];
        var memoryKiB = File.ReadLines("/proc/meminfo").First().Split(' ', StringSplitOptions.RemoveEmptyEntries)[1];
        var addresses = string.Join(',', Network.Addresses().Select(address => $"\"{address}\""));
        var disks = string.Join(',', DataDisk.Sizes().Select(disk => $"{{\"name\":\"{disk.Name}\",\"sizeBytes\":{disk.SizeBytes}}}"));
        return $$"""
            {"hostname":"{{Environment.MachineName}}","uptimeSeconds":{{uptime}},"memoryCounter":{{counters.Memory}},"diskCounter":{{counters.Disk}},"cpus":{{OnlineCpus()}},"memoryMiB":{{long.Parse(memoryKiB) / 1024}},"memoryMiBps":{{memoryLoad.MiBPerSecond}},"diskMiBps":{{diskLoad.MiBPerSecond}},"addresses":[{{addresses}}],"disks":[{{disks}}]}

            """;
    }

    // Hot-plugged processors count, so the number is read each time.
    private static int OnlineCpus()
        => File.ReadLines("/proc/stat").Count(line => line.StartsWith("cpu", StringComparison.Ordinal) && char.IsDigit(line[3]));

    // The stream has no length: it ends with its connection.
    private static void Stream(NetworkStream client, int intervalMs)
    {
        client.Write("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\n"u8);
        for (var line = 1L; ; line++)
        {
            client.Write(Encoding.ASCII.GetBytes($"{line}\n"));
            Thread.Sleep(intervalMs);
        }
    }

    private static int Number(string query, string name, int otherwise, int least, int most)
        => query.Split('&').Select(pair => pair.Split('=', 2)).FirstOrDefault(pair => pair[0] == name) is [_, var text] && int.TryParse(text, out var value)
            ? Math.Clamp(value, least, most)
            : otherwise;

    private static void Finish(NetworkStream client, string status, string text, string type = "text/plain")
    {
        var body = Encoding.UTF8.GetBytes(text);
        client.Write([.. Encoding.ASCII.GetBytes($"HTTP/1.1 {status}\r\nContent-Type: {type}\r\nContent-Length: {body.Length}\r\n\r\n"), .. body]);
    }
}
