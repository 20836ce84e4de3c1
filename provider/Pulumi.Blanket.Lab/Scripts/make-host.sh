#!/bin/bash
# Makes a host's root: an overlay whose upper layer lies on a file system of the given size, over the machine's root
# (or over a layer without libvirt and QEMU on top of that).
#   make-host.sh HOST_FOLDER SIZE_GIB LOWER_LAYERS
set -euo pipefail
umask 022
home=$1 size=$2 lower=$3
mkdir "$home/disk" "$home/root"
truncate -s "${size}G" "$home/disk.img"
mkfs.ext4 -q -F -m 0 -E lazy_itable_init=1,lazy_journal_init=1 "$home/disk.img"
mount -o loop "$home/disk.img" "$home/disk"
upper=$home/disk/upper
mkdir "$upper" "$home/disk/work"

# What of the machine a host must not see, or need not do (index manual pages after each installation). A whiteout hides a whole folder at once, however much is in it.
hide() {
    mkdir -p "$upper$(dirname "$1")"
    mknod "$upper$1" c 0 0
}
for path in /*; do
    case $path in
        /bin | /boot | /dev | /etc | /lib | /lib32 | /lib64 | /libx32 | /media | /mnt | /opt | /proc | /run | /sbin | /sys | /usr | /var) ;;
        *) hide "$path" ;;
    esac
done
for path in /etc/systemd/system /etc/rc{0,1,2,3,4,5,6,S}.d /etc/cron.d /etc/cron.{hourly,daily,weekly,monthly} /etc/ssh/ssh_host_*_key{,.pub} /etc/ssh/sshd_config{,.d} \
    /etc/machine-id /etc/hostname /etc/hosts /etc/resolv.conf /etc/fstab /etc/apt/sources.list /etc/apt/sources.list.d /etc/libvirt/qemu \
    /etc/wireguard /etc/nftables.conf /etc/modules-load.d /etc/crypttab /etc/ssl/private /usr/sbin/policy-rc.d /var/lib/apt/lists /var/lib/blanket /var/lib/blanket-lab /var/lib/dbus/machine-id \
    /var/lib/libvirt /var/lib/man-db/auto-update /var/lib/systemd/random-seed /var/log/journal /var/log/libvirt /var/tmp /var/cache/apt/archives; do
    [ ! -e "$path" ] && [ ! -L "$path" ] || hide "$path"
done

mount -t overlay overlay -o "lowerdir=$lower,upperdir=$upper,workdir=$home/disk/work" "$home/root"
root=$home/root
mkdir -p "$root"/{home,srv/blanket/guest,srv/blanket/packages,etc/systemd/system,etc/apt/sources.list.d,var/lib/libvirt/images,var/log/journal}
mkdir -p "$root/var/lib/apt/lists/partial" "$root/var/cache/apt/archives/partial"
mkdir -m 700 "$root/root" "$root/root/.ssh"
mkdir -m 1777 "$root/tmp" "$root/var/tmp"
for target in etc/rc{0,1,2,3,4,5,6,S}.d etc/cron.d etc/cron.{hourly,daily,weekly,monthly}; do mkdir -p "$root/$target"; done
for folder in libvirt/qemu libvirt/qemu/networks libvirt/qemu/autostart; do
    [ ! -d "$root/etc/libvirt" ] || mkdir -p "$root/etc/$folder"
done

enable() {
    [ ! -e "$root/lib/systemd/system/$2" ] || { mkdir -p "$root/etc/systemd/system/$1.wants" && ln -s "/lib/systemd/system/$2" "$root/etc/systemd/system/$1.wants/$2"; }
}
enable multi-user.target ssh.service
enable multi-user.target libvirtd.service
for socket in libvirtd libvirtd-ro libvirtd-admin virtlogd virtlockd; do enable sockets.target "$socket.socket"; done

cp -a "$home/files/." "$root/"
