using System.Runtime.CompilerServices;
using Pulumi.Blanket.Libvirt.Connection;

namespace Pulumi.Blanket.Libvirt.Wire;

/// <summary>
/// The procedures in use. Numbers from <c>src/remote/remote_protocol.x</c>, <c>qemu_protocol.x</c> and <c>src/rpc/virkeepaliveprotocol.x</c>
/// of libvirt 9.0.0, whose ABI is declared stable.
/// </summary>
internal static class Procedures
{
    public const uint RemoteProgram = 0x20008086;
    public const uint QemuProgram = 0x20008087;
    public const uint KeepaliveProgram = 0x6b656570;

    /// <summary>The version of each of the three programs.</summary>
    public const uint Version = 1;

    public const int KeepalivePing = 1;
    public const int KeepalivePong = 2;

    public static readonly Procedure ConnectOpen = Remote(1);
    public static readonly Procedure ConnectClose = Remote(2);
    public static readonly Procedure ConnectGetVersion = Remote(4);
    public static readonly Procedure NodeGetInfo = Remote(6);
    public static readonly Procedure ConnectGetCapabilities = Remote(7, CallLane.Long);
    public static readonly Procedure DomainGetXmlDesc = Remote(14);
    public static readonly Procedure DomainGetInfo = Remote(16);
    public static readonly Procedure DomainLookupByName = Remote(23);
    public static readonly Procedure DomainLookupByUuid = Remote(24);
    public static readonly Procedure DomainReboot = Remote(27, CallLane.Long);
    public static readonly Procedure DomainResume = Remote(28, CallLane.Long);
    public static readonly Procedure DomainSetAutostart = Remote(29);
    public static readonly Procedure DomainSuspend = Remote(34, CallLane.Long);
    public static readonly Procedure ConnectGetHostname = Remote(59);
    public static readonly Procedure ConnectSupportsFeature = Remote(60);
    public static readonly Procedure AuthList = Remote(66);
    public static readonly Procedure AuthPolkit = Remote(70);
    public static readonly Procedure StoragePoolDefineXml = Remote(77);
    public static readonly Procedure StoragePoolCreate = Remote(78, CallLane.Long);
    public static readonly Procedure StoragePoolBuild = Remote(79, CallLane.Long);
    public static readonly Procedure StoragePoolDestroy = Remote(80, CallLane.Long);
    public static readonly Procedure StoragePoolUndefine = Remote(82);
    public static readonly Procedure StoragePoolRefresh = Remote(83, CallLane.Long);
    public static readonly Procedure StoragePoolLookupByName = Remote(84);
    public static readonly Procedure StoragePoolGetInfo = Remote(87);
    public static readonly Procedure StoragePoolGetXmlDesc = Remote(88);
    public static readonly Procedure StorageVolumeCreateXml = Remote(93, CallLane.Long);
    public static readonly Procedure StorageVolumeDelete = Remote(94, CallLane.Long);
    public static readonly Procedure StorageVolumeLookupByName = Remote(95);
    public static readonly Procedure StorageVolumeLookupByPath = Remote(97);
    public static readonly Procedure StorageVolumeGetInfo = Remote(98);
    public static readonly Procedure StorageVolumeGetXmlDesc = Remote(99);
    public static readonly Procedure StorageVolumeGetPath = Remote(100);
    public static readonly Procedure NodeGetFreeMemory = Remote(102);
    public static readonly Procedure ConnectGetUri = Remote(110);
    public static readonly Procedure DomainIsPersistent = Remote(151);
    public static readonly Procedure ConnectGetLibVersion = Remote(157);
    public static readonly Procedure ConnectCompareCpu = Remote(158);
    public static readonly Procedure DomainAttachDeviceFlags = Remote(160, CallLane.Long);
    public static readonly Procedure DomainDetachDeviceFlags = Remote(161, CallLane.Long);
    public static readonly Procedure ConnectBaselineCpu = Remote(162);
    public static readonly Procedure DomainAbortJob = Remote(164);
    public static readonly Procedure DomainMigrateSetMaxDowntime = Remote(166);
    public static readonly Procedure DomainUpdateDeviceFlags = Remote(174, CallLane.Long);
    public static readonly Procedure DomainManagedSave = Remote(182, CallLane.Migration);
    public static readonly Procedure DomainGetBlockInfo = Remote(194);
    public static readonly Procedure DomainCreateWithFlags = Remote(196, CallLane.Long);
    public static readonly Procedure DomainSetVcpusFlags = Remote(199, CallLane.Long);
    public static readonly Procedure DomainGetVcpusFlags = Remote(200);
    public static readonly Procedure DomainOpenConsole = Remote(201);
    public static readonly Procedure DomainSetMemoryFlags = Remote(204, CallLane.Long);
    public static readonly Procedure DomainMigrateSetMaxSpeed = Remote(207);
    public static readonly Procedure DomainGetState = Remote(212);
    public static readonly Procedure NodeGetMemoryStats = Remote(228);
    public static readonly Procedure DomainUndefineFlags = Remote(231);
    public static readonly Procedure DomainDestroyFlags = Remote(234, CallLane.Long);
    public static readonly Procedure DomainBlockStatsFlags = Remote(243);
    public static readonly Procedure DomainBlockResize = Remote(251, CallLane.Long);
    public static readonly Procedure DomainShutdownFlags = Remote(258, CallLane.Long);
    public static readonly Procedure StorageVolumeResize = Remote(260, CallLane.Long);
    public static readonly Procedure DomainSetMetadata = Remote(264);
    public static readonly Procedure DomainGetMetadata = Remote(265);
    public static readonly Procedure ConnectListAllDomains = Remote(273);
    public static readonly Procedure ConnectListAllStoragePools = Remote(281);
    public static readonly Procedure StoragePoolListAllVolumes = Remote(282);
    public static readonly Procedure DomainGetJobStats = Remote(298);
    public static readonly Procedure DomainMigratePerform3Params = Remote(305, CallLane.Migration);
    public static readonly Procedure ConnectDomainEventCallbackRegisterAny = Remote(316);
    public static readonly Procedure ConnectGetDomainCapabilities = Remote(342, CallLane.Long);
    public static readonly Procedure ConnectGetAllDomainStats = Remote(344);
    public static readonly Procedure DomainDefineXmlFlags = Remote(350);
    public static readonly Procedure DomainMigrateStartPostCopy = Remote(364);
    public static readonly Procedure DomainDetachDeviceAlias = Remote(392, CallLane.Long);
    public static readonly Procedure ConnectCompareHypervisorCpu = Remote(393, CallLane.Long);
    public static readonly Procedure ConnectBaselineHypervisorCpu = Remote(394, CallLane.Long);

    public static readonly Procedure DomainMonitorCommand = new(QemuProgram, 1, CallLane.Short, nameof(DomainMonitorCommand));
    public static readonly Procedure DomainAgentCommand = new(QemuProgram, 3, CallLane.Long, nameof(DomainAgentCommand));

    private static Procedure Remote(int number, CallLane lane = CallLane.Short, [CallerMemberName] string name = "") => new(RemoteProgram, number, lane, name);
}
