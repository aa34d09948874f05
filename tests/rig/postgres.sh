# A PostgreSQL of the rig's own. CC_TEST_POSTGRES_URL may create databases; each test makes one for itself.

start_postgres() {
    local bin data=$RIG/postgres port runner=()
    bin=$(postgres_bin)
    free_port; port=$FREE_PORT
    mkdir -m 700 "$data"
    if [ "$(id -u)" = 0 ]; then
        # PostgreSQL refuses to run as root.
        chown postgres "$data"
        runner=(setpriv --reuid=postgres --regid=postgres --init-groups)
    fi
    (cd "$data" && "${runner[@]}" "$bin/initdb" --pgdata="$data/data" --username=desk --auth=trust \
        --encoding=UTF8 --locale=C.UTF-8 --no-sync) >"$RIG/postgres.log" 2>&1 ||
        { cat "$RIG/postgres.log" >&2; exit 1; }
    # Without fsync: what a test writes need not outlive the machine. Never do this with real cases.
    start postgres "${runner[@]}" "$bin/postgres" -D "$data/data" -p "$port" -c listen_addresses=127.0.0.1 \
        -c unix_socket_directories="$data" -c max_connections=200 \
        -c fsync=off -c synchronous_commit=off -c full_page_writes=off
    export CC_TEST_POSTGRES_URL=postgres://desk@127.0.0.1:$port/postgres
    wait_for postgres "$bin/pg_isready" -h 127.0.0.1 -p "$port" -U desk
}
