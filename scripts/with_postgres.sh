#!/usr/bin/env bash
# Runs a command with a throw-away PostgreSQL server beside it: `scripts/with_postgres.sh pytest ...`.
# The server lives in a temporary folder, listens only on a socket in it, belongs to a user without rights
# (PostgreSQL refuses to run as root), and is gone afterwards. Its address is INCONCERT_TEST_POSTGRES.
# Where PostgreSQL is absent, or cannot start, the command runs all the same and its PostgreSQL tests are skipped.
set -uo pipefail
# shellcheck source=scripts/find_postgres.sh
. "$(dirname "$0")/find_postgres.sh"

bin=$(postgres_bin)
if [ -n "${INCONCERT_TEST_POSTGRES:-}" ] || [ -z "$bin" ]; then
  exec "$@"
fi

# Short on purpose: the path of a Unix socket may have at most 107 letters.
folder=$(mktemp -d /tmp/inconcert-pg.XXXXXX)
as_owner=()
if [ "$(id -u)" -eq 0 ]; then
  # Debian's package makes the user postgres; nobody is everywhere.
  owner=$(id -un postgres 2>/dev/null || echo nobody)
  chown "$owner" "$folder"
  as_owner=(runuser -u "$owner" --)
fi
postgres() { (cd "$folder" && "${as_owner[@]}" "$bin/$@"); }

stop() {
  postgres pg_ctl stop -D "$folder/data" -m immediate -s >/dev/null 2>&1
  rm -rf "$folder"
}
trap stop EXIT

# Nothing here outlives the tests, so the disk need not be waited for.
if postgres initdb -D "$folder/data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 --no-sync >"$folder/log" 2>&1 &&
  postgres pg_ctl start -D "$folder/data" -s -w -t 60 -l "$folder/data/server.log" \
    -o "-c listen_addresses='' -c unix_socket_directories='$folder' -c fsync=off -c synchronous_commit=off -c full_page_writes=off" \
    >>"$folder/log" 2>&1; then
  export INCONCERT_TEST_POSTGRES="postgresql://postgres@/postgres?host=$folder"
else
  echo "PostgreSQL ($bin) did not start; its tests are skipped:" >&2
  tail -n 5 "$folder/log" "$folder/data/server.log" >&2 2>/dev/null
fi
"$@"
