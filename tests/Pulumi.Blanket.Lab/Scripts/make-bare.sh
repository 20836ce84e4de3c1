#!/bin/bash
# Makes the layer of a `bare` host: the machine's root with the named packages, and all that depends on them, purged.
#   make-bare.sh OUTPUT_FOLDER PACKAGE...
set -euo pipefail
umask 022
out=$1
shift
mkdir "$out/upper" "$out/work" "$out/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$out/upper,workdir=$out/work" "$out/root"
mount -t proc proc "$out/root/proc"
mount --rbind /dev "$out/root/dev"
# No service of the machine may be touched by a package's scripts.
printf '#!/bin/sh\nexit 101\n' > "$out/root/usr/sbin/policy-rc.d"
chmod 755 "$out/root/usr/sbin/policy-rc.d"
DEBIAN_FRONTEND=noninteractive chroot "$out/root" apt-get -q -y purge "$@" < /dev/null
rm -rf "$out/root/etc/libvirt" "$out/root/var/lib/libvirt" "$out/root/var/log/libvirt" "$out/root/var/cache/libvirt"
rm -f "$out/root/usr/sbin/policy-rc.d"
umount --lazy "$out/root/dev" "$out/root/proc"
umount "$out/root"
rm -rf "$out/work" "$out/root"
