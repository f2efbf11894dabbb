# shellcheck shell=bash
# Brings what building and testing labform needs and is not there yet, on Debian 12 with Node 20: npm's packages, QEMU,
# a static busybox, and a kernel for the guest. The kernel is unpacked into .cache/kernel and never installed: a test
# has no business in the boot loader. Sourced by the other scripts with the project as working directory; takes about
# 0.2 s when everything is there.
set -euo pipefail

install_say() { printf 'install: %s\n' "$*" >&2; }

install_as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

install_can_be_root() {
  [ "$(id -u)" = 0 ] || { command -v sudo > /dev/null && { sudo -n true 2> /dev/null || [ -t 0 ]; }; }
}

# Lists of packages that are missing or old are the usual reason for a first failure; the second one is real.
install_with_fresh_lists() {
  if "$@"; then return; fi
  if ! install_can_be_root; then
    install_say "apt's lists of packages may be missing or old; as root, run: apt-get update"
    return 1
  fi
  install_say "apt's lists of packages may be missing or old: refreshing them"
  install_as_root apt-get -qq update && "$@"
}

install_node_packages() {
  if ! command -v node > /dev/null || ! command -v npm > /dev/null; then
    install_say "Node 20.19 or later with npm is needed and is not on PATH"
    return 1
  fi
  if node scripts/dependencies.mjs; then return; fi
  install_say "npm ci"
  npm ci --no-progress --no-update-notifier --loglevel=error >&2
}

install_system_packages() {
  local missing=()
  command -v qemu-system-x86_64 > /dev/null || missing+=(qemu-system-x86)
  command -v qemu-img > /dev/null || missing+=(qemu-utils)
  { [ -x /bin/busybox ] && ! grep -q '/ld-linux' /bin/busybox; } || missing+=(busybox-static)
  command -v xz > /dev/null || missing+=(xz-utils)
  # What only the tests use: `verify` sets it.
  if [ -n "${INSTALL_FOR_TESTS:-}" ]; then
    command -v git > /dev/null || missing+=(git)
    command -v tcpdump > /dev/null || missing+=(tcpdump)
    command -v qemu-system-aarch64 > /dev/null || missing+=(qemu-system-arm)
    [ -e /usr/share/OVMF/OVMF_VARS_4M.fd ] || missing+=(ovmf)
    command -v swtpm > /dev/null || missing+=(swtpm)
    command -v cpulimit > /dev/null || missing+=(cpulimit)
    command -v mcopy > /dev/null || missing+=(mtools)
    command -v passt > /dev/null || missing+=(passt)
    command -v socat > /dev/null || missing+=(socat)
    command -v ip > /dev/null || missing+=(iproute2)
  fi
  if [ ${#missing[@]} = 0 ]; then return; fi
  if ! command -v apt-get > /dev/null; then
    install_say "this system has no apt-get; install these Debian packages' counterparts yourself: ${missing[*]}"
    return 1
  fi
  if ! install_can_be_root; then
    install_say "Debian packages are missing, and this account is neither root nor may it use sudo. As root, run:"
    install_say "  apt-get update && apt-get install --no-install-recommends ${missing[*]}"
    return 1
  fi
  install_say "installing ${missing[*]}"
  install_with_fresh_lists install_as_root \
    env DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends install "${missing[@]}" >&2
}

# A kernel of an older labform is laid out otherwise.
install_kernel() {
  if [ -e .cache/kernel/version ] && [ -e .cache/kernel/modules/modules.order ]; then return; fi
  install_say "fetching a kernel for the guest"
  if ! install_with_fresh_lists node scripts/guest.mjs --kernel; then
    install_say "put one into .cache/kernel yourself: vmlinuz, a folder modules as /lib/modules/VERSION, and a file version"
    install_say "that names it"
    return 1
  fi
}

# The libraries of a package and theirs: enough for one program.
install_fetch_agent() {
  local direct all
  direct=$(apt-cache depends qemu-guest-agent 2> /dev/null | sed -n 's/^ *Depends: \(lib[^ ]*\)$/\1/p')
  [ -n "$direct" ] || return 1
  # shellcheck disable=SC2086
  all=$(apt-cache depends $direct | sed -n 's/^ *Depends: \(lib[^ ]*\)$/\1/p' | sort -u)
  # shellcheck disable=SC2086
  (cd "$1" && apt-get -qq download qemu-guest-agent $direct $all 2> download.log)
}

# QEMU's guest agent for the test guest, with its libraries and their loader; as the kernel, it is never installed here.
install_agent() {
  if [ -z "${INSTALL_FOR_TESTS:-}" ] || [ -e .cache/agent/qemu-ga ]; then return; fi
  install_say "fetching the guest agent for the guest"
  local work tree loader package
  mkdir -p .cache
  work=$(mktemp -d .cache/agent.XXXXXX)
  chmod 755 "$work"
  if ! install_with_fresh_lists install_fetch_agent "$work"; then
    install_say "the package qemu-guest-agent could not be fetched"
    cat "$work/download.log" >&2 2> /dev/null || true
    rm -rf "$work"
    return 1
  fi
  tree=$work/tree
  for package in "$work"/*.deb; do dpkg-deb -x "$package" "$tree"; done
  loader=$(find "$tree" -name ld-linux-x86-64.so.2 | head -n 1)
  mkdir "$work/lib"
  "$(realpath "$loader")" --library-path "$tree/lib/x86_64-linux-gnu:$tree/usr/lib/x86_64-linux-gnu" \
    --list "$tree/usr/sbin/qemu-ga" | sed -n 's/^.* => \(.*\) (0x.*)$/\1/p' | xargs cp -L -t "$work/lib"
  cp -L "$loader" "$work/lib/ld-linux-x86-64.so.2"
  cp "$tree/usr/sbin/qemu-ga" "$work/qemu-ga"
  rm -rf "$tree" "$work"/*.deb "$work/download.log" .cache/agent
  mv "$work" .cache/agent
}

install_node_packages
install_system_packages
install_kernel
install_agent
