using System.Net;
using System.Text;

namespace Pulumi.Blanket.Lab.Guest;

/// <summary>
/// The service on port 80 that tests lean on:
/// <list type="bullet">
/// <item><c>GET /status</c>: JSON with hostname, uptimeSeconds, memoryCounter, diskCounter, cpus, memoryMiB, addresses, disks.</item>
/// <item><c>GET /stream?intervalMs=50</c>: one TCP connection of numbered lines from 1, until the client leaves.</item>
/// <item><c>POST /load?memoryMiBps=N&amp;diskMiBps=N</c>: dirties so much per second from now on; what is not named is off.</item>
/// </list>
/// </summary>
internal sealed class GuestService(Counters counters, MemoryLoad memoryLoad, DiskLoad diskLoad) : IDisposable
{
    private readonly HttpListener _listener = new() { Prefixes = { "http://*:80/" } };

    public void Start() => _listener.Start();

    public void Serve()
    {
        while (true)
        {
            var context = _listener.GetContext();
            new Thread(() => Answer(context)) { IsBackground = true }.Start();
        }
    }

    public void Dispose() => _listener.Close();

    private void Answer(HttpListenerContext context)
    {
        try
        {
            switch (context.Request.HttpMethod, context.Request.Url?.AbsolutePath)
            {
                case ("GET", "/status"):
                    context.Response.ContentType = "application/json";
                    Finish(context, 200, Status());
                    break;
                case ("GET", "/stream"):
                    Stream(context.Response, Number(context, "intervalMs", 50, least: 1, most: 60_000));
                    break;
                case ("POST", "/load"):
                    memoryLoad.MiBPerSecond = Number(context, "memoryMiBps", 0, least: 0, most: 1000);
                    diskLoad.MiBPerSecond = Number(context, "diskMiBps", 0, least: 0, most: 1000);
                    Finish(context, 200, "ok\n");
                    break;
                default:
                    Finish(context, 404, "GET /status, GET /stream?intervalMs=50, POST /load?memoryMiBps=0&diskMiBps=0\n");
                    break;
            }
        }
        catch (Exception fault) when (fault is HttpListenerException or IOException or ObjectDisposedException)
        {
            // The client left; that is how a stream ends.
        }
    }

    private string Status()
    {
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

    private static void Stream(HttpListenerResponse response, int intervalMs)
    {
        response.SendChunked = true;
        response.ContentType = "text/plain";
        for (var line = 1L; ; line++)
        {
            response.OutputStream.Write(Encoding.ASCII.GetBytes($"{line}\n"));
            response.OutputStream.Flush();
            Thread.Sleep(intervalMs);
        }
    }

    private static int Number(HttpListenerContext context, string name, int otherwise, int least, int most)
        => int.TryParse(context.Request.QueryString[name], out var value) ? Math.Clamp(value, least, most) : otherwise;

    private static void Finish(HttpListenerContext context, int status, string text)
    {
        context.Response.StatusCode = status;
        context.Response.Close(Encoding.UTF8.GetBytes(text), willBlock: true);
    }
}
