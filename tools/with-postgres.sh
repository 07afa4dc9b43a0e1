#!/usr/bin/env bash
# Runs a command beside a PostgreSQL of its own: with-postgres.sh COMMAND [ARGUMENT...]
# The command finds it in CUSTODY_TEST_POSTGRES and decides the exit code; the cluster is gone afterwards.
set -euo pipefail

if [[ $# -eq 0 ]]; then
  echo "usage: $0 COMMAND [ARGUMENT...]" >&2
  exit 2
fi

find_binaries() {
  local candidate
  for candidate in $(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort --version-sort --reverse); do
    if [[ -x "$candidate/initdb" ]]; then
      echo "$candidate"
      return
    fi
  done
  if command -v initdb >/dev/null; then
    dirname "$(command -v initdb)"
    return
  fi
  echo "$0: no PostgreSQL server here; on Debian: apt-get install postgresql" >&2
  return 1
}

# PostgreSQL refuses to run as root, so root becomes the user that the package made.
as_owner() {
  if [[ $EUID -eq 0 ]]; then
    (cd / && exec setpriv --reuid=postgres --regid=postgres --init-groups "$@")
  else
    (cd / && exec "$@")
  fi
}

binaries=$(find_binaries)
directory=$(mktemp -d "${TMPDIR:-/tmp}/custody-postgres.XXXXXX")

stop() {
  as_owner "$binaries/pg_ctl" stop --pgdata="$directory/data" --mode=immediate --silent >/dev/null 2>&1 || true
  rm -rf "$directory"
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

if [[ $EUID -eq 0 ]]; then
  chown postgres "$directory"
fi
if ! as_owner "$binaries/initdb" --pgdata="$directory/data" --username=custody --auth=trust --encoding=UTF8 \
  --locale=C --no-sync >"$directory/log" 2>&1; then
  cat "$directory/log" >&2
  exit 1
fi

# Loopback only. Nothing hands out a free port but asking for one, so a taken one is tried again with the next.
for attempt in {1..20}; do
  port=$((20000 + (RANDOM % 20000)))
  if as_owner "$binaries/pg_ctl" start --pgdata="$directory/data" --wait --silent --log="$directory/data/server.log" \
    --options="-c listen_addresses=127.0.0.1 -c port=$port -c unix_socket_directories='' -c fsync=off" \
    >/dev/null 2>&1; then
    break
  fi
  if [[ $attempt -eq 20 ]]; then
    cat "$directory/data/server.log" >&2
    exit 1
  fi
done

export CUSTODY_TEST_POSTGRES="postgres://custody@127.0.0.1:$port/postgres"
code=0
"$@" || code=$?
exit "$code"
