using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.Provider.Views;

/// <summary>A view resource: a child that is shown and stored, and that only its owner acts on.</summary>
/// <param name="Type">Type token.</param>
/// <param name="ParentType">Empty for a child of the owner itself.</param>
internal sealed record ViewState(string Type, string Name, ObjectValue Inputs, ObjectValue Outputs, string ParentType = "", string ParentName = "");
