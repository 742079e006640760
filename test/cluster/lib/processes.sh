# Starts and stops the cluster's processes. A process is identified by its pid and start time, both recorded when it was
# started, so that a reused pid is never signalled.
# shellcheck shell=bash

# The process's start time in clock ticks since boot: field 22 of stat, counted after the name, which may hold spaces.
start_time() {
  local stat
  stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
  # shellcheck disable=SC2086
  set -- ${stat##*) }
  [ "$1" != Z ] && echo "${20}"
}

# Prints the pid of process NAME if it is running.
running() {
  local pid started
  read -r pid started 2>/dev/null <"$state/run/$1" || return 1
  [ "$(start_time "$pid")" = "$started" ] && echo "$pid"
}

# launch NAME COMMAND...: starts it detached, unless it is running.
launch() {
  local name=$1 pid
  shift
  running "$name" >/dev/null && return
  setsid "$@" </dev/null >>"$logs/$name.log" 2>&1 9>&- &
  pid=$!
  echo "$pid $(start_time "$pid")" >"$state/run/$name"
}

# stop NAME SECONDS: sends SIGTERM, and SIGKILL after SECONDS.
stop() {
  local pid
  pid=$(running "$1") || return 0
  kill "$pid" 2>/dev/null || true
  for _ in $(seq $(($2 * 20))); do
    running "$1" >/dev/null || return 0
    sleep 0.05
  done
  kill -KILL "$pid" 2>/dev/null || true
  sleep 0.1
}

# await SECONDS WHAT COMMAND...: waits until COMMAND succeeds.
await() {
  local seconds=$1 what=$2 deadline
  shift 2
  deadline=$((SECONDS + seconds))
  until "$@" >/dev/null 2>&1; do
    [ $SECONDS -lt $deadline ] || fail "$what did not happen within $seconds s. Logs: $logs. \`make cluster-down cluster\` starts from scratch."
    sleep 0.2
  done
}
