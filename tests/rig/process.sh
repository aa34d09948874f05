# Processes of the rig: each in a process group of its own, so that Ctrl-C reaches this script first and each can be
# ended with all of its children.

RIG_PROCESSES=()
# Commands that end what has left its process group.
RIG_ENDINGS=()

# As root, or through sudo.
as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n -E "$@"; fi
}

can_be_root() {
    [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null
}

# start NAME COMMAND…: runs it in the background, its output in $RIG/NAME.log.
start() {
    local name=$1
    shift
    setsid "$@" >"$RIG/$name.log" 2>&1 </dev/null &
    RIG_PROCESSES+=("$!")
}

# run COMMAND…: runs it and waits, so that a signal to this script ends both at once.
run() {
    setsid "$@" &
    RIG_CHILD=$!
    local status=0
    wait "$RIG_CHILD" || status=$?
    RIG_CHILD=
    return "$status"
}

# A TCP port of the loopback interface on which nobody listens. Below the range from which the system gives ports to
# outgoing connections, so that none of those can take it before the server does.
free_port() {
    local port
    while :; do
        port=$((20000 + RANDOM % 12000))
        case " ${RIG_PORTS:-} " in *" $port "*) continue ;; esac
        if ! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
            RIG_PORTS="${RIG_PORTS:-} $port"
            FREE_PORT=$port
            return
        fi
    done
}

# wait_for NAME COMMAND…: until the command succeeds, at most 60 s; shows the log of NAME if it never does.
wait_for() {
    local name=$1 tries=0
    shift
    until "$@" >/dev/null 2>&1; do
        tries=$((tries + 1))
        if [ "$tries" -gt 300 ]; then
            echo "$name did not come up; its log:" >&2
            tail -n 40 "$RIG/$name.log" >&2 || true
            exit 1
        fi
        sleep 0.2
    done
}

listens() { (exec 3<>"/dev/tcp/127.0.0.1/$1"); }

# Ends every process that was started, and the folder with it. Runs once.
end_everything() {
    trap - EXIT
    set +e
    local ending pid tries
    [ -z "${RIG_CHILD:-}" ] || kill -TERM -- "-$RIG_CHILD" 2>/dev/null
    for ending in "${RIG_ENDINGS[@]}"; do "$ending" >/dev/null 2>&1; done
    for pid in "${RIG_PROCESSES[@]}"; do
        as_root kill -TERM -- "-$pid" 2>/dev/null
    done
    for pid in "${RIG_PROCESSES[@]}" ${RIG_CHILD:-}; do
        tries=0
        while as_root kill -0 -- "-$pid" 2>/dev/null && [ "$tries" -lt 50 ]; do
            tries=$((tries + 1))
            sleep 0.1
        done
        as_root kill -KILL -- "-$pid" 2>/dev/null
    done
    wait 2>/dev/null
    as_root rm -rf -- "$RIG"
    set -e
}
