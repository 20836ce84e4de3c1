namespace Pulumi.Blanket.Provider.Views;

/// <summary>What happens to a view; the numbers are the protocol's.</summary>
internal enum ViewOperation
{
    Same = 1,
    Create = 2,
    Update = 3,
    Delete = 4,
    Replace = 5,
    Read = 8,
    Refresh = 10,
}
