using System.Globalization;
using Pulumi.Blanket.Provider.Errors;
using Pulumi.Blanket.Provider.Operations;

namespace Pulumi.Blanket.Provider.Service;

/// <summary>
/// The plugin's own log, on standard error, which the engine may show to the user: silent unless `-v` asks for more, but for our own mistakes. It never holds a property's value,
/// nor the message of an exception that we did not write.
/// </summary>
/// <param name="verbosity">3: operations that change something, and failures; 5: all calls; 7: their beginnings too.</param>
internal sealed class PluginLog(int verbosity, TextWriter output)
{
    private const int Changes = 3;
    private const int Calls = 5;
    private const int Beginnings = 7;

    private readonly TextWriter _output = TextWriter.Synchronized(output);

    public void Begun(Operation operation)
    {
        if (verbosity >= Beginnings)
        {
            Write(operation, "begins");
        }
    }

    public void Done(Operation operation)
    {
        if (verbosity >= Calls || (verbosity >= Changes && operation.Method is "Create" or "Update" or "Delete" or "Read"))
        {
            Write(operation, "done");
        }
    }

    public void Failed(Operation operation, ProviderException failure)
    {
        if (failure.Reason == FailureReason.Bug)
        {
            Write(operation, $"BUG: {failure.InnerException?.GetType()}\n{failure.InnerException?.StackTrace}");
        }
        else if (verbosity >= Changes)
        {
            Write(operation, $"failed: {failure.Reason}");
        }
    }

    private void Write(Operation operation, string what)
        => _output.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{TimeProvider.System.GetUtcNow():HH:mm:ss.fff} {operation.Id} {operation.Method} {operation.Urn} {what} after {operation.Elapsed.TotalMilliseconds:0.0} ms"));
}
