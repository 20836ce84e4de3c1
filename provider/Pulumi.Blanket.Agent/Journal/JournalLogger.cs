using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging;

namespace Pulumi.Blanket.Agent.Journal;

/// <summary>One category's lines.</summary>
internal sealed class JournalLogger(Socket? journal, string category) : ILogger
{
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull
        => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel is >= LogLevel.Information and < LogLevel.None;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (!IsEnabled(logLevel))
        {
            return;
        }

        var message = exception is null ? formatter(state, exception) : $"{formatter(state, exception)}: {exception}";
        if (journal is null)
        {
            Console.Error.WriteLine(Operation.Id.Length == 0 ? message : $"[{Operation.Id}] {message}");
            return;
        }

        StringBuilder entry = new();
        Append(entry, "MESSAGE", message);
        Append(entry, "PRIORITY", logLevel switch { LogLevel.Information => "6", LogLevel.Warning => "4", LogLevel.Error => "3", _ => "2" });
        Append(entry, "SYSLOG_IDENTIFIER", "blanket-agent");
        Append(entry, "BLANKET_CATEGORY", category);
        if (Operation.Id.Length > 0)
        {
            Append(entry, "BLANKET_OPERATION", Operation.Id);
        }

        try
        {
            journal.Send(Encoding.UTF8.GetBytes(entry.ToString()));
        }
        catch (SocketException)
        {
            // The journal is being restarted; work is not stopped for a line of log.
        }
    }

    // The short form of a field ends at the line's end; lines inside a value become one.
    private static void Append(StringBuilder entry, string field, string value) => entry.Append(field).Append('=').Append(value.ReplaceLineEndings(" | ")).Append('\n');
}
