namespace Pulumi.Blanket.Provider.Errors;

/// <summary>Why an operation failed; a closed set. <see cref="FailureMapping"/> gives each its gRPC code, there and nowhere else.</summary>
internal enum FailureReason
{
    /// <summary>What the user gave can't be used, whatever the state of the world is.</summary>
    BadInput,

    /// <summary>The world is not as the operation needs it; somebody has to change something first.</summary>
    Precondition,

    /// <summary>A machine, or a program on it, can't be reached now; trying again may help.</summary>
    Unavailable,

    /// <summary>The operation's time is over.</summary>
    Deadline,

    /// <summary>The engine, or the user, cancelled the operation.</summary>
    Cancelled,

    /// <summary>What the operation is about is not there.</summary>
    NotFound,

    /// <summary>Something else holds, or already is, what the operation wanted to take or to make.</summary>
    Conflict,

    /// <summary>Our own mistake. The engine treats the resource's state as unknown after it.</summary>
    Bug,
}
