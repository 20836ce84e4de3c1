#!/bin/bash
# Makes the layer of a `bare` host: the machine's root with libvirt, QEMU and the named packages, and all that depends on them, purged.
#   make-bare.sh OUTPUT_FOLDER PACKAGE...
set -euo pipefail
umask 022
out=$1
shift
# On a file system of its own: an overlay refuses a lower layer that lies inside another one.
mkdir "$out/disk" "$out/root"
truncate -s 4G "$out/layer.img"
mkfs.ext4 -q -F -m 0 "$out/layer.img"
mount -o loop "$out/layer.img" "$out/disk"
mkdir "$out/disk/upper" "$out/disk/work"
mount -t overlay overlay -o "lowerdir=/,upperdir=$out/disk/upper,workdir=$out/disk/work" "$out/root"
mount -t proc proc "$out/root/proc"
mount --rbind /dev "$out/root/dev"
# No service of the machine may be touched by a package's scripts.
printf '#!/bin/sh\nexit 101\n' > "$out/root/usr/sbin/policy-rc.d"
chmod 755 "$out/root/usr/sbin/policy-rc.d"
rm -f "$out/root/var/lib/man-db/auto-update" # nobody reads manual pages there
mapfile -t hypervisor < <(dpkg-query -W -f '${db:Status-Abbrev}${Package}\n' 'libvirt*' 'qemu*' | awk '$1 == "ii" { print $2 }')
DEBIAN_FRONTEND=noninteractive chroot "$out/root" apt-get -q -y purge "${hypervisor[@]}" "$@" < /dev/null
rm -rf "$out/root/etc/libvirt" "$out/root/var/lib/libvirt" "$out/root/var/log/libvirt" "$out/root/var/cache/libvirt"
rm -f "$out/root/usr/sbin/policy-rc.d"
umount --lazy "$out/root/dev" "$out/root/proc"
umount "$out/root"
cp "$out/disk/upper/var/lib/dpkg/status" "$out/status"
umount "$out/disk"
rmdir "$out/disk" "$out/root"
