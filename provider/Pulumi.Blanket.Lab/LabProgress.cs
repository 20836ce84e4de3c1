namespace Pulumi.Blanket.Lab;

/// <summary>One step of bringing a lab up.</summary>
/// <param name="Subject">The host, or what is being built (<c>guest image</c>, <c>package repository</c>, …).</param>
/// <param name="Step">What is happening to it now.</param>
/// <param name="Done">True for the subject's last step.</param>
public sealed record LabProgress(string Subject, string Step, bool Done = false);
