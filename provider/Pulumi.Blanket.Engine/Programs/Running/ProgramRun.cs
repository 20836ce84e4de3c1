using System.Collections.Immutable;
using System.Threading.Channels;
using Pulumi.Blanket.Engine.Monitoring;
using Pulumi.Blanket.Engine.Programs.Checking;
using Pulumi.Blanket.Engine.Programs.Documents;
using Pulumi.Blanket.Engine.Programs.Expressions;
using Pulumi.Blanket.Engine.Programs.Syntax;
using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.Engine.Programs.Running;

/// <summary>
/// One run of a program. A loop starts each step when all that it needs is done; of those that could start, the first in the file
/// does. Values are computed in the loop, one after the other, and only resources and calls are waited for, any number at a time.
/// </summary>
internal sealed partial class ProgramRun
{
    private readonly string _file;
    private readonly ProgramDocument _document;
    private readonly ProgramPlan _plan;
    private readonly ProgramContext _context;
    private readonly IResourceMonitor _monitor;
    private readonly Evaluator _evaluator;
    private readonly int[] _waiting;
    private readonly bool[] _isLost;
    private readonly PriorityQueue<int, Position> _ready = new();
    private readonly Channel<(int Step, object? Result, Exception? Fault)> _done = Channel.CreateUnbounded<(int, object?, Exception?)>(new UnboundedChannelOptions { SingleReader = true });
    private readonly DiagnosticList _diagnostics;
    private string _stack = "";
    private ResourceFailedException? _failure;
    private Exception? _fault;

    public ProgramRun(string file, ProgramDocument document, ProgramPlan plan, ProgramContext context, Dictionary<ConfigDeclaration, PropertyValue> config, IResourceMonitor monitor)
    {
        _file = file;
        _document = document;
        _plan = plan;
        _context = context;
        _monitor = monitor;
        _evaluator = new Evaluator(context, config, plan.Steps.Count);
        _diagnostics = new DiagnosticList(file);
        _waiting = [.. plan.Steps.Select(step => step.Needs)];
        _isLost = new bool[plan.Steps.Count];
    }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var stack = await _monitor.RegisterResourceAsync(new ResourceGoal { Type = Urn.StackType, Name = $"{_context.Project}-{_context.Stack}" }, cancellationToken);
        _stack = stack.Urn;
        for (var step = 0; step < _waiting.Length; step++)
        {
            if (_waiting[step] == 0)
            {
                _ready.Enqueue(step, _plan.Steps[step].Position);
            }
        }

        await RunStepsAsync(cancellationToken);
        var outputs = ObjectValue.Empty;
        if (_fault is null && _failure is null && _diagnostics.Count == 0)
        {
            outputs = EvaluateOutputs();
        }

        // What the user has not been told yet comes first.
        if (_fault is not null)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(_fault);
        }

        _diagnostics.ThrowIfAny();
        if (_failure is not null)
        {
            throw new ResourceFailedException(_failure.Message);
        }

        await _monitor.RegisterOutputsAsync(_stack, outputs, cancellationToken);
    }

    private async Task RunStepsAsync(CancellationToken cancellationToken)
    {
        var running = 0;
        while (true)
        {
            // After a fault of our own, or the end of the run, what runs is waited for and nothing else begins.
            while (_fault is null && !cancellationToken.IsCancellationRequested && _ready.TryDequeue(out var step, out _))
            {
                running += Start(step, cancellationToken) ? 1 : 0;
            }

            if (running == 0)
            {
                cancellationToken.ThrowIfCancellationRequested();
                return;
            }

            // All that is done by now makes room for the next, so that the order of the file decides among them.
            var done = await _done.Reader.ReadAsync(CancellationToken.None);
            do
            {
                running--;
                Finish(done.Step, done.Result, done.Fault);
            }
            while (_done.Reader.TryRead(out done));
        }
    }

    /// <summary>True when the step is on its way; false when it is done already.</summary>
    private bool Start(int step, CancellationToken cancellationToken)
    {
        try
        {
            switch (_plan.Steps[step].Subject)
            {
                case VariableDeclaration variable:
                    Finish(step, _evaluator.Evaluate(variable.Value), null);
                    return false;
                case InvokeExpression call:
                    if (MakeInvoke(call, out var result) is not { } invocation)
                    {
                        Finish(step, result, null);
                        return false;
                    }

                    _ = WatchAsync(step, InvokeAsync(call, invocation, result, cancellationToken));
                    return true;
                case ResourceDeclaration { ReadId: not null } resource:
                    _ = WatchAsync(step, CallAsync(_monitor.ReadResourceAsync, MakeRead(resource), cancellationToken));
                    return true;
                case ResourceDeclaration resource:
                    _ = WatchAsync(step, CallAsync(_monitor.RegisterResourceAsync, MakeGoal(resource), cancellationToken));
                    return true;
                default:
                    return false;
            }
        }
        catch (EvaluationException fault)
        {
            Finish(step, null, fault);
            return false;
        }
    }

    private static async Task<object> CallAsync<T>(Func<T, CancellationToken, Task<RegisteredResource>> call, T goal, CancellationToken cancellationToken)
    {
        var resource = await call(goal, cancellationToken);
        return resource with { Id = resource.Id is null ? null : PlainValue.WithoutOutputs(resource.Id), Outputs = PlainValue.WithoutOutputs(resource.Outputs) };
    }

    private async Task<object> InvokeAsync(InvokeExpression call, InvokeGoal goal, Evaluated shape, CancellationToken cancellationToken)
    {
        var returned = PlainValue.WithoutOutputs(await _monitor.InvokeAsync(goal, cancellationToken));
        var value = call.Return is { } wanted ? returned[wanted] ?? NullValue.Instance : returned;
        return shape with { Value = shape.Value is SecretValue ? PlainValue.Secret(value) : value };
    }

    private async Task WatchAsync(int step, Task<object> task)
    {
        object? result = null;
        Exception? fault = null;
        try
        {
            result = await task;
        }
        catch (Exception caught)
        {
            fault = caught;
        }

        _done.Writer.TryWrite((step, result, fault));
    }

    private void Finish(int step, object? result, Exception? fault)
    {
        switch (fault)
        {
            case null:
                break;
            case ResourceFailedException failure:
                _failure ??= failure;
                break;
            case EvaluationException evaluation:
                _diagnostics.Error(evaluation.Position, evaluation.Message, evaluation.Hint);
                break;
            case EngineException { Reason: not EngineFailure.Cancelled } engine when _plan.Steps[step].Subject is InvokeExpression call:
                _diagnostics.Error(call.TokenPosition, engine.Message);
                break;
            default:
                _fault ??= fault;
                break;
        }

        if (result is RegisteredResource resource)
        {
            _evaluator.Keep(step, resource);
        }
        else if (result is Evaluated evaluated)
        {
            _evaluator.Keep(step, evaluated);
        }

        Release(step, isLost: fault is not null);
    }

    // What needs something that failed is left out, and so is what needs that. Without recursion: a chain may be long.
    private void Release(int step, bool isLost)
    {
        _isLost[step] = isLost;
        Stack<int> finished = new([step]);
        while (finished.TryPop(out var current))
        {
            foreach (var dependent in _plan.Steps[current].Dependents)
            {
                _isLost[dependent] |= _isLost[current];
                if (--_waiting[dependent] > 0)
                {
                    continue;
                }

                if (_isLost[dependent])
                {
                    finished.Push(dependent);
                }
                else
                {
                    _ready.Enqueue(dependent, _plan.Steps[dependent].Position);
                }
            }
        }
    }

    private ObjectValue EvaluateOutputs()
    {
        var outputs = ImmutableSortedDictionary.CreateBuilder<string, PropertyValue>(StringComparer.Ordinal);
        foreach (var output in _document.Outputs)
        {
            try
            {
                outputs[output.Name] = _evaluator.Evaluate(output.Value).Value;
            }
            catch (EvaluationException fault)
            {
                _diagnostics.Error(fault.Position, fault.Message, fault.Hint);
            }
        }

        return new ObjectValue(outputs.ToImmutable());
    }
}
