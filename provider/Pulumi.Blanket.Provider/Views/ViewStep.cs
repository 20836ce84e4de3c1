namespace Pulumi.Blanket.Provider.Views;

/// <summary>A step of a view, shown as a child of the resource whose operation publishes it.</summary>
/// <param name="Old">One of <see cref="ViewPublisher.Old"/>; the engine crashes on any other.</param>
/// <param name="Error">Empty where it went well.</param>
internal sealed record ViewStep(ViewOperation Operation, string Type, string Name, ViewState? Old, ViewState? New, string Error = "");
