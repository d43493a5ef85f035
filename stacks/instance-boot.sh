# What an instance does at each boot, before Docker and the ECS agent: cloud-init runs it as a boothook. The variables
# come from stacks/user-data.ts. Nothing here may keep an instance from its work: a step that fails says so and is
# left out.
set -u

say() { echo "sweepstack: $*" >&2; }

# Of two lines for one setting the later one counts, and Batch has a part of the user data of its own, before or after
# this one. So the agent's unit sets them just before it starts, when every part has run.
prepare_agent() {
  local program=$root/usr/local/sbin/sweepstack-agent-settings unit=$root/etc/systemd/system/ecs.service.d
  mkdir -p "$(dirname "$program")" "$unit" "$root/etc/ecs"
  {
    echo '#!/bin/bash'
    declare -p root agent_settings
    declare -f set_agent
    echo set_agent
  } > "$program"
  chmod 755 "$program"
  printf '[Service]\nExecStartPre=%s\n' "$program" > "$unit/sweepstack.conf"
  systemctl daemon-reload
  "$program"
}

set_agent() {
  local config=$root/etc/ecs/ecs.config names others
  names=$(printf '%s\n' "$agent_settings" | cut -d= -f1 | paste -sd'|')
  others=$(grep -vE "^($names)=" "$config" 2> /dev/null)
  printf '%s\n' ${others:+"$others"} "$agent_settings" > "$config"
}

# Disks of the host itself, which are empty when an instance starts. EBS volumes, the root among them, are NVMe devices
# as well: the model tells them apart.
local_disks() {
  lsblk --nodeps --noheadings --paths --output NAME,MODEL |
    sed -nE 's/^(\/dev\/[^ ]+) +Amazon[ _]EC2[ _]NVMe[ _]Instance[ _]Storage *$/\1/p' | sort
}

# Prints the one device that the given disks are: a stripe over them. The first one alone, where that cannot be made.
striped() {
  local array=/dev/md/sweepstack found
  if [ $# = 1 ]; then
    echo "$1"
    return
  fi
  # After a reboot the kernel has put it together, under whatever name.
  found=$(lsblk --noheadings --paths --list --output NAME,TYPE "$1" | sed -nE 's/^([^ ]+) +raid0 *$/\1/p' | head -n 1)
  if [ -n "$found" ]; then
    echo "$found"
    return
  fi
  command -v mdadm > /dev/null || timeout 180 dnf --quiet --assumeyes install mdadm >&2
  if mdadm --create "$array" --run --homehost=any --level=0 --raid-devices=$# "$@" >&2; then
    echo "$array"
  else
    say "cannot stripe $*; only $1 is used"
    echo "$1"
  fi
}

# Docker's images and containers (whose attempts' folders lie in them) and the cache move to the host's own disks, which
# are many times as fast as an EBS volume and cost nothing.
use_local_disks() {
  local disks device folder
  mapfile -t disks < <(local_disks)
  if [ ${#disks[@]} = 0 ]; then
    say 'no disks of its own; everything stays on the root volume'
    return
  fi
  if lsblk --noheadings --output MOUNTPOINT "${disks[@]}" | grep -q '[^ ]'; then
    say "${disks[*]} in use already; left as found"
    return
  fi
  stop_docker
  device=$(striped "${disks[@]}")
  # Ours after a reboot: it still holds images and cache.
  if [ "$(blkid --match-tag LABEL --output value "$device")" != sweepstack ]; then
    mkfs.xfs -q -f -K -L sweepstack "$device" || { say "cannot format $device"; return; }
  fi
  mkdir -p "$root$scratch"
  mount -o noatime "$device" "$root$scratch" || { say "cannot mount $device"; return; }
  for folder in /var/lib/docker /var/lib/containerd "$cache"; do move "$folder"; done
}

# A folder's content and all that is written there from now on.
move() {
  local from=$root$1 to=$root$scratch$1
  mkdir -p "$from"
  if [ ! -d "$to" ]; then
    mkdir -p "$to.new"
    cp --archive "$from/." "$to.new" || { say "cannot copy $1"; return; }
    mv "$to.new" "$to"
  fi
  mount --bind "$to" "$from" || say "cannot move $1"
}

# Mostly it is not up yet. Only what runs is stopped: a stop would call off the start that the boot has planned.
stop_docker() {
  local unit running=()
  for unit in docker.service docker.socket containerd.service; do
    systemctl is-active --quiet "$unit" && running+=("$unit")
  done
  [ ${#running[@]} = 0 ] || systemctl stop "${running[@]}"
}

prepare_agent
use_local_disks
# Docker would make the folder for root, and the containers' user could not write it.
install --directory --owner="$user" --group="$user" "$root$cache"
# Not waited for: Docker starts after this stage of cloud-init.
systemctl --no-block start docker.service
