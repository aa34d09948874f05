# What the tests need of the machine, by the command that shows it is there.

# command:package
NEEDED=(
    dovecot:dovecot-imapd
    /usr/lib/dovecot/lmtp:dovecot-lmtpd
    postfix:postfix
    swaks:swaks
    openssl:openssl
    setsid:util-linux
    chromium:chromium
    chromedriver:chromium-driver
)

# Administrators' commands are not in everybody's path.
PATH="$PATH:/usr/sbin:/sbin"

postgres_bin() {
    local initdb
    initdb=$(ls -d /usr/lib/postgresql/*/bin/initdb 2>/dev/null | sort -V | tail -n 1)
    [ -n "$initdb" ] && dirname "$initdb"
}

missing_packages() {
    local entry
    for entry in "${NEEDED[@]}"; do
        command -v "${entry%%:*}" >/dev/null || echo "${entry#*:}"
    done
    [ -n "$(postgres_bin)" ] || echo postgresql
}

install_missing() {
    local packages part
    command -v cargo >/dev/null || { echo "cargo is missing: install Rust (https://rustup.rs)" >&2; exit 1; }
    for part in fmt clippy; do
        cargo "$part" --version >/dev/null 2>&1 ||
            { echo "cargo $part is missing: rustup component add rustfmt clippy" >&2; exit 1; }
    done
    mapfile -t packages < <(missing_packages)
    if [ ${#packages[@]} -gt 0 ]; then
        if ! can_be_root || ! command -v apt-get >/dev/null; then
            echo "missing; install them as root:" >&2
            echo "    apt-get install --no-install-recommends ${packages[*]}" >&2
            exit 1
        fi
        echo "installing ${packages[*]}" >&2
        install_packages "${packages[@]}"
        mapfile -t packages < <(missing_packages)
        [ ${#packages[@]} -eq 0 ] || { echo "still missing: ${packages[*]}" >&2; exit 1; }
    fi
    if ! can_be_root; then
        echo "Postfix can be started by root only: run this as root, or with sudo that asks for no password" >&2
        exit 1
    fi
}

# Installs packages; the services that come with them are neither started now nor at the next boot.
install_packages() {
    local policy=/usr/sbin/policy-rc.d ours= service
    if [ ! -e "$policy" ]; then
        printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
        as_root chmod 755 "$policy"
        ours=1
    fi
    echo "postfix postfix/main_mailer_type select No configuration" | as_root debconf-set-selections
    local apt=(env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=600 -qq)
    local installed=0
    as_root "${apt[@]}" install -y --no-install-recommends "$@" >/dev/null ||
        { as_root "${apt[@]}" update && as_root "${apt[@]}" install -y --no-install-recommends "$@" >/dev/null; } ||
        installed=$?
    [ -z "$ours" ] || as_root rm -f "$policy"
    if [ -d /run/systemd/system ]; then
        for service in dovecot postfix postgresql; do
            case " $* " in *" $service"*) as_root systemctl disable --now "$service" >/dev/null 2>&1 || true ;; esac
        done
    fi
    [ "$installed" = 0 ] || { echo "apt-get could not install: $*" >&2; exit 1; }
}
