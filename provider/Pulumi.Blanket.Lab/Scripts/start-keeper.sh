#!/bin/sh
# Becomes the process that holds a lab. Its number and start time are on record before it does anything else, and
# it ends if the lab's folder is gone: so whoever tears a lab down knows what to end, however `up` came to its end.
#   start-keeper.sh LAB_FOLDER LAB_NAME CGROUP SCRIPTS_FOLDER ATTEMPT [OWNER]
set -e
umask 077
cd "$1"
# A folder of that name that another attempt has made since is not ours.
[ "$(cat attempt)" = "$5" ]
exec < /dev/null > keeper.log 2>&1
echo "$$ $(cut -d ' ' -f 22 /proc/$$/stat) $(cat /proc/sys/kernel/random/boot_id)" > keeper.new
mv keeper.new keeper
cd /
# The owner's folder in the machine's /proc, which can't be seen from inside. A number may come again, an open folder stays that process's.
if [ -n "${6:-}" ]; then exec 4< "/proc/$6"; fi
exec unshare --mount --net --pid --uts --ipc --fork --kill-child --mount-proc bash "$4/keeper.sh" "$1" "$2" "$3" "${6:-}"
