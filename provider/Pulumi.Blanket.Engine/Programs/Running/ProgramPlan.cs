using System.Collections.Immutable;
using Pulumi.Blanket.Engine.Programs.Checking;
using Pulumi.Blanket.Engine.Programs.Documents;
using Pulumi.Blanket.Engine.Programs.Expressions;
using Pulumi.Blanket.Engine.Programs.Syntax;

namespace Pulumi.Blanket.Engine.Programs.Running;

/// <summary>The steps of a program, and which waits for which.</summary>
internal sealed class ProgramPlan
{
    private readonly List<ProgramStep> _steps = [];
    private readonly List<List<(int Step, Position Position)>> _needs = [];

    private ProgramPlan()
    {
    }

    public IReadOnlyList<ProgramStep> Steps => _steps;

    /// <summary>Of a checked program, in which references are bound. Steps that wait for each other are reported.</summary>
    public static ProgramPlan Of(ProgramDocument document, DiagnosticList diagnostics)
    {
        ProgramPlan plan = new();
        foreach (var declaration in document.Variables.Concat<Declaration>(document.Resources))
        {
            declaration.Step = plan.Add(declaration, declaration.Position);
        }

        foreach (var variable in document.Variables)
        {
            plan.Connect(variable.Value, variable.Step);
        }

        foreach (var resource in document.Resources)
        {
            foreach (var expression in ProgramChecker.ExpressionsOf(resource))
            {
                plan.Connect(expression, resource.Step);
            }
        }

        foreach (var output in document.Outputs)
        {
            plan.Connect(output.Value, -1);
        }

        plan.CountNeeds();
        plan.ReportCycles(diagnostics);
        return plan;
    }

    private int Add(object subject, Position position)
    {
        _steps.Add(new ProgramStep(subject, position));
        _needs.Add([]);
        return _steps.Count - 1;
    }

    /// <param name="step">What needs the expression; -1 for the stack's outputs, which come when all else is done.</param>
    private void Connect(Expression expression, int step)
    {
        switch (expression)
        {
            case ReferenceExpression { Target.Step: >= 0 and var target } reference when step >= 0:
                _needs[step].Add((target, reference.Position));
                break;
            case InvokeExpression call:
                call.Step = Add(call, call.Position);
                if (step >= 0)
                {
                    _needs[step].Add((call.Step, call.Position));
                }

                step = call.Step;
                break;
        }

        foreach (var child in expression.Children)
        {
            Connect(child, step);
        }
    }

    private void CountNeeds()
    {
        HashSet<int> seen = [];
        for (var step = 0; step < _steps.Count; step++)
        {
            seen.Clear();
            foreach (var (need, _) in _needs[step])
            {
                if (seen.Add(need))
                {
                    _steps[need].Dependents.Add(step);
                    _steps[step].Needs++;
                }
            }
        }
    }

    // What can't be put in order after Kahn waits for a cycle, or is part of one. From anywhere in the rest, following needs leads into one.
    private void ReportCycles(DiagnosticList diagnostics)
    {
        var waiting = _steps.Select(step => step.Needs).ToArray();
        Stack<int> free = new(Enumerable.Range(0, _steps.Count).Where(step => waiting[step] == 0));
        HashSet<int> rest = [.. Enumerable.Range(0, _steps.Count)];
        while (true)
        {
            while (free.TryPop(out var step))
            {
                rest.Remove(step);
                foreach (var dependent in _steps[step].Dependents)
                {
                    if (--waiting[dependent] == 0)
                    {
                        free.Push(dependent);
                    }
                }
            }

            if (rest.Count == 0)
            {
                return;
            }

            foreach (var step in ReportCycle(rest, diagnostics))
            {
                // The rest is looked at as if this cycle were broken.
                if (rest.Contains(step) && waiting[step] > 0)
                {
                    waiting[step] = 0;
                    free.Push(step);
                }
            }
        }
    }

    private List<int> ReportCycle(HashSet<int> rest, DiagnosticList diagnostics)
    {
        List<(int Step, Position Position)> path = [(rest.MinBy(step => _steps[step].Position), default)];
        Dictionary<int, int> places = new() { [path[0].Step] = 0 };
        while (true)
        {
            var next = _needs[path[^1].Step].First(need => rest.Contains(need.Step));
            if (places.TryGetValue(next.Step, out var start))
            {
                Report(path[start..], next.Position, diagnostics);
                return [.. path[start..].Select(entry => entry.Step)];
            }

            places.Add(next.Step, path.Count);
            path.Add(next);
        }
    }

    // The names in the cycle, from the first in the file; calls have none, and stand between others.
    private void Report(List<(int Step, Position Position)> cycle, Position closing, DiagnosticList diagnostics)
    {
        var names = cycle.Select(entry => _steps[entry.Step].Subject).OfType<Declaration>().Select(declaration => declaration.Name).ToImmutableArray();
        var position = cycle.Count > 1 ? cycle[1].Position : closing;
        diagnostics.Error(position, names.Length == 1 ? $"'{names[0]}' needs itself" : $"{string.Join(", ", names[..^1].Select(name => $"'{name}'"))} and '{names[^1]}' need each other: {string.Join(" → ", [.. names, names[0]])}",
            "remove one of these references: no resource can be made before what it needs");
    }
}
