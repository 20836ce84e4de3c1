namespace Pulumi.Blanket.Libvirt.Wire;

/// <summary>Bounds of what may come over the wire. From <c>src/rpc/virnetprotocol.x</c> and <c>src/remote/remote_protocol.x</c> of libvirt 9.0.0.</summary>
internal static class WireLimits
{
    /// <summary>The length word, which counts itself.</summary>
    public const int LengthBytes = 4;

    /// <summary><c>VIR_NET_MESSAGE_HEADER_MAX</c>.</summary>
    public const int HeaderBytes = 24;

    /// <summary><c>VIR_NET_MESSAGE_MAX</c> and the length word.</summary>
    public const int MaxMessageBytes = 33_554_432 + LengthBytes;

    /// <summary><c>REMOTE_STRING_MAX</c>.</summary>
    public const int MaxStringBytes = 4_194_304;

    /// <summary><c>REMOTE_DOMAIN_LIST_MAX</c>.</summary>
    public const int MaxDomains = 16_384;

    /// <summary><c>REMOTE_STORAGE_POOL_LIST_MAX</c>.</summary>
    public const int MaxPools = 16_384;

    /// <summary><c>REMOTE_STORAGE_VOL_LIST_MAX</c>.</summary>
    public const int MaxVolumes = 16_384;

    /// <summary><c>REMOTE_NODE_MEMORY_STATS_MAX</c>.</summary>
    public const int MaxNodeMemoryStats = 16;

    /// <summary><c>REMOTE_CPU_BASELINE_MAX</c>.</summary>
    public const int MaxBaselineCpus = 256;

    /// <summary><c>REMOTE_AUTH_TYPE_LIST_MAX</c>.</summary>
    public const int MaxAuthTypes = 20;

    /// <summary><c>REMOTE_DOMAIN_BLOCK_STATS_PARAMETERS_MAX</c>.</summary>
    public const int MaxBlockStats = 16;

    /// <summary><c>REMOTE_DOMAIN_JOB_STATS_MAX</c>.</summary>
    public const int MaxJobStats = 64;

    /// <summary><c>REMOTE_DOMAIN_MIGRATE_PARAM_LIST_MAX</c>.</summary>
    public const int MaxMigrationParameters = 64;

    /// <summary><c>REMOTE_MIGRATE_COOKIE_MAX</c>.</summary>
    public const int MaxMigrationCookieBytes = 4_194_304;

    /// <summary><c>REMOTE_CONNECT_GET_ALL_DOMAIN_STATS_MAX</c>.</summary>
    public const int MaxDomainStats = 262_144;
}
