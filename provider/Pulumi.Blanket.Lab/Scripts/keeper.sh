#!/bin/bash
# PID 1 of a lab's own process, mount, network, host name and IPC namespaces. All that a lab consists of lives in them,
# so the kernel takes all of it away when this process ends. It boots the hosts whose names are written to `control`.
# With an owner, whose folder of the machine's /proc is open as 4, it ends when that process does.
#   keeper.sh LAB_FOLDER LAB_NAME CGROUP [OWNER]
set -u
umask 022
folder=$1 lab=$2 cgroup=$3 owner=${4:-}

# /run/inside-blanket-lab tells the lab's own command that it was started in here, where it can't do its work.
mount -t tmpfs -o mode=755 tmpfs /run && mkdir /run/netns && : > /run/inside-blanket-lab && hostname "lab-$lab" &&
    sysctl -q net.ipv4.ip_forward=0 && ip link set lo up || exit 1

# Each host's systemd takes seven of them and each session some more, of a number that all of root's processes share: by default
# (128) some eighteen hosts boot, and the next one hangs without a word. Never lowered, since others may have need of it.
instances=/proc/sys/fs/inotify/max_user_instances
[ "$(cat $instances)" -ge 1024 ] || echo 1024 > $instances

# A host's agent would set it for post-copy, and can't: the kernel is the machine's. Other labs may have need of it, so it stays.
faults=/proc/sys/vm/unprivileged_userfaultfd
[ ! -e $faults ] || [ "$(cat $faults)" = 1 ] || echo 1 > $faults

# One control group per host in each hierarchy that systemd or the freezer needs; a new one at each boot.
enter_cgroups() {
    local hierarchy
    for hierarchy in /sys/fs/cgroup{,/systemd,/unified,/freezer}; do
        [ -e "$hierarchy/cgroup.procs" ] || continue
        find "$hierarchy/blanket-lab/$cgroup/$1" -depth -type d -exec rmdir {} \; 2> /dev/null
        mkdir -p "$hierarchy/blanket-lab/$cgroup/$1"
        echo 0 > "$hierarchy/blanket-lab/$cgroup/$1/cgroup.procs"
    done
}

leave_cgroups() {
    local hierarchy
    for hierarchy in /sys/fs/cgroup{,/systemd,/unified,/freezer}; do
        [ ! -e "$hierarchy/cgroup.procs" ] || echo 0 > "$hierarchy/cgroup.procs"
    done
}

# What would reach past a host: the machine's clock, modules, devices and log.
machine_wide=CAP_SYS_TIME,CAP_SYS_MODULE,CAP_SYS_RAWIO,CAP_SYSLOG,CAP_MAC_ADMIN,CAP_MAC_OVERRIDE,CAP_WAKE_ALARM

# A host's power: `power` says on, off, or reset (once more, then on). Each boot gets a fresh network namespace, as
# each boot of a machine does; what the lab says of its links stands in `link.ip`, `link.tc` and `host.ip`.
power() {
    local host=$1 home=$folder/hosts/$1 code
    : > "$home/active"
    while [ "$(cat "$home/power")" != off ]; do
        [ "$(cat "$home/power")" != reset ] || echo on > "$home/power"
        ip netns delete "$host" 2> /dev/null
        ip netns add "$host"
        # shellcheck disable=SC2013
        for port in $(cat "$home/ports"); do ip link delete "$port" 2> /dev/null; done
        if ! { ip -batch "$home/link.ip" && tc -batch "$home/link.tc" && ip -netns "$host" -batch "$home/host.ip"; } >> "$home/console.log" 2>&1; then
            echo off > "$home/power"
            break
        fi
        enter_cgroups "$host"
        # shellcheck disable=SC2046
        SYSTEMD_NSPAWN_API_VFS_WRITABLE=network nsenter --net="/run/netns/$host" systemd-nspawn --quiet --register=no --keep-unit --directory="$home/root" --machine="$host" \
            --network-namespace-path="/run/netns/$host" --capability=all --drop-capability="$machine_wide" --resolv-conf=off --timezone=off --link-journal=no \
            $(cat "$home/nspawn") --console=pipe --boot systemd.unit=multi-user.target < /dev/null >> "$home/console.log" 2>&1
        code=$?
        leave_cgroups
        # 133: the host asked for a reboot.
        [ $code = 133 ] || [ "$(cat "$home/power")" = reset ] || echo off > "$home/power"
    done
    ip netns delete "$host" 2> /dev/null
    rm -f "$home/active"
}

mkfifo "$folder/control" || exit 1
exec 3<> "$folder/control"
: > "$folder/held"
if [ -z "$owner" ]; then
    while read -r host <&3; do
        power "$host" 3<&- &
    done
fi

# A zombie is no owner: it has ended, and nobody has asked how.
owner_lives() {
    local line
    { read -r line < /proc/self/fd/4/stat; } 2> /dev/null || return 1
    line=${line##*) }
    [ "${line%% *}" != Z ] && [ "${line%% *}" != X ]
}

# On a busy machine the second ends in the middle of a name, whose start was read by then.
host=
while owner_lives; do
    if read -r -t 1 part <&3; then
        power "$host$part" 3<&- 4<&- &
        host=
    else
        host=$host$part
    fi
done
# What is frozen does not even die.
for state in /sys/fs/cgroup/{,freezer/}blanket-lab/"$cgroup"/*/freezer.state; do [ ! -e "$state" ] || echo THAWED > "$state"; done
for state in /sys/fs/cgroup/blanket-lab/"$cgroup"/*/cgroup.freeze; do [ ! -e "$state" ] || echo 0 > "$state"; done
