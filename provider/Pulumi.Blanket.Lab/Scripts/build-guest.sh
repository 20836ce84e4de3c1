#!/bin/bash
# Builds the tiny guest out of this machine's Debian packages: kernel and initramfs, and a bootable disk image of both.
# Runs in a lab's own namespaces, so that what it mounts goes with them.
#   build-guest.sh KERNEL_VERSION GUEST_PROGRAM OUTPUT_FOLDER
set -euo pipefail
umask 022
version=$1 program=$2 out=$3
root=$out/root
# Loading takes a while under software emulation. What not every guest has is loaded by the guest's program where it is there.
modules="virtio_blk virtio_net virtio_pci virtio_console virtio_balloon evdev button"
ide="ata_piix sd_mod sr_mod"
scsi="virtio_scsi sd_mod sr_mod"
iso9660="isofs"
vfat="vfat nls_cp437 nls_ascii nls_iso8859-1"

mkdir -p "$root"/{bin,sbin,etc/acpi/PWRF,etc/dropbear,dev,proc,sys,tmp,run,root,disk,lib/modules,usr/sbin,usr/bin,var/log}
cp /bin/busybox "$root/bin/busybox"
for applet in $(/bin/busybox --list); do
    [ "$applet" = busybox ] || ln -sf /bin/busybox "$root/bin/$applet"
done
ln -s /bin/busybox "$root/init"
ln -s /bin/busybox "$root/sbin/hwclock" # QEMU's guest agent sets no clock without it

# Drivers lie flat; a list for each purpose says in which order they have to be loaded.
install_modules() {
    # shellcheck disable=SC2086
    modprobe --set-version "$version" --show-depends --all $2 | awk '$1 == "insmod" && !seen[$2]++ { print $2 }' |
        while read -r module; do
            name=$(basename "$module"); name=${name%%.ko*}.ko
            case $module in
                *.xz) xz -dc "$module" > "$root/lib/modules/$name" ;;
                *.zst) zstd -qdc "$module" > "$root/lib/modules/$name" ;;
                *) cp "$module" "$root/lib/modules/$name" ;;
            esac
            echo "$name" >> "$root/lib/modules/$1"
        done
}
install_modules order "$modules"
install_modules ide "$ide"
install_modules scsi "$scsi"
install_modules iso9660 "$iso9660"
install_modules vfat "$vfat"

# A program comes with the libraries that it is linked to, under the names by which its loader looks for them.
install_program() {
    install -D "$1" "$root/$2"
    ldd "$1" | grep -o '/[^ ]*' | while read -r library; do
        [ -e "$root/$library" ] || install -D "$(readlink -f "$library")" "$root/$library"
    done
}
install_program /usr/sbin/dropbear usr/sbin/dropbear
install_program /usr/sbin/qemu-ga usr/sbin/qemu-ga
install_program "$program" bin/blanket-guest

cat > "$root/etc/inittab" <<'END'
::sysinit:/etc/rc
::respawn:/bin/blanket-guest
::respawn:/bin/acpid -f -c /etc/acpi -l /dev/null
::shutdown:/bin/sync
::shutdown:/bin/umount /disk
END
cat > "$root/etc/rc" <<'END'
#!/bin/sh
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev
mkdir -p /dev/pts
mount -t devpts devpts /dev/pts
while read -r module; do insmod "/lib/modules/$module"; done < /lib/modules/order
ip link set lo up
hostname guest
for port in /sys/class/virtio-ports/*; do
    [ "$(cat "$port/name" 2> /dev/null)" = org.qemu.guest_agent.0 ] && qemu-ga -t /run -p "/dev/${port##*/}" > /dev/null 2>&1 &
done
END
cat > "$root/etc/udhcpc" <<'END'
#!/bin/sh
# What busybox's DHCP client asks to be done with a lease.
case $1 in
    bound | renew)
        ip address flush dev "$interface"
        ip address add "$ip/$mask" dev "$interface"
        [ -z "$mtu" ] || ip link set "$interface" mtu "$mtu"
        for gateway in $router; do ip route replace default via "$gateway"; done
        : > /etc/resolv.conf
        for server in $dns; do echo "nameserver $server" >> /etc/resolv.conf; done
        [ -z "$hostname" ] || hostname "$hostname"
        ;;
    deconfig) ip address flush dev "$interface" ;;
esac
END
# The power button, as `virsh shutdown` presses it.
printf '#!/bin/sh\npoweroff\n' > "$root/etc/acpi/PWRF/00000080"
chmod 755 "$root/etc/rc" "$root/etc/udhcpc" "$root/etc/acpi/PWRF/00000080"
echo 'root:x:0:0:root:/root:/bin/sh' > "$root/etc/passwd"
echo 'root:*:19000:0:99999:7:::' > "$root/etc/shadow"
echo '/bin/sh' > "$root/etc/shells"

cp "/boot/vmlinuz-$version" "$out/vmlinuz"
(cd "$root" && find . | cpio --quiet --create --format=newc --owner=0:0) | gzip -1 > "$out/initrd"

# The disk: one partition, from 1 MiB on, with the boot loader, kernel, initramfs and room for the guest's files.
raw=$out/disk.raw size=128
truncate -s "${size}M" "$raw"
echo "1MiB,,L,*" | sfdisk --quiet "$raw"
dd if=/usr/lib/syslinux/mbr/mbr.bin of="$raw" bs=440 count=1 conv=notrunc status=none
mkfs.ext4 -q -F -L guest -O '^64bit,^metadata_csum' -m 0 -E offset=1048576 "$raw" $(((size - 1) * 1024))
mkdir "$out/mnt"
mount -o loop,offset=1048576 "$raw" "$out/mnt"
cp "$out/vmlinuz" "$out/initrd" "$out/mnt/"
# Without mitigations: under software emulation they cost a fifth of the boot, and there is nothing to be kept from anybody.
# It does not try out its timer, which panics where a starved emulator delivers too few of its interrupts. Nor does the kernel test its own cryptography, the last of which no other option leaves out. Memory that is freed is cleared: what a move carries is what the guest uses, 70 MiB instead of 110.
cat > "$out/mnt/extlinux.conf" <<'END'
default guest
prompt 0
label guest
  kernel /vmlinuz
  append initrd=/initrd console=ttyS0 quiet panic=1 no_timer_check mitigations=off cryptomgr.notests initcall_blacklist=crypto_kdf108_init init_on_free=1
END
extlinux --install "$out/mnt" > /dev/null 2>&1
umount "$out/mnt"
rmdir "$out/mnt"
qemu-img convert -f raw -O qcow2 -o cluster_size=64k "$raw" "$out/guest.qcow2"
rm -r "$raw" "$root"
