# shellcheck shell=bash
# Sourced by the other scripts: where PostgreSQL's programs are (Debian keeps them off the PATH).

# Prints the folder that holds initdb and pg_ctl, the newest version first; nothing where there is none.
postgres_bin() {
  local folder
  for folder in $(printf '%s\n' /usr/lib/postgresql/*/bin | sort -rV) "$(dirname "$(command -v initdb || true)" 2>/dev/null)"; do
    if [ -x "$folder/initdb" ] && [ -x "$folder/pg_ctl" ]; then
      echo "$folder"
      return
    fi
  done
}
