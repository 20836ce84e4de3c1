namespace Pulumi.Blanket.Agent.Tests.Lab;

/// <summary>Who calls: root or the account over a host's socket, another member over the mesh, or the account by way of that one.</summary>
internal enum AccessCaller
{
    Root,
    Account,
    Member,
    Relayed,
}

/// <summary>What becomes of a call.</summary>
internal enum AccessOutcome
{
    /// <summary>It came to its handler.</summary>
    Handled,

    Denied,

    /// <summary>Nothing is there for who comes by this way.</summary>
    NoMethod,

    NoMember,

    NotOneMember,
}
