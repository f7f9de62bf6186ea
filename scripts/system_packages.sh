#!/usr/bin/env bash
# What Debian or Ubuntu must provide: `python` (3.11 or later, with venv), `browser` (Chromium), `postgres`,
# `pdf` (pdftotext, with which tests read the report), `java` (17 or later, for Spark).
# Each that is missing is installed where this may be done without asking (root, or sudo without a password);
# else the one line to type is printed. Without Python the script fails; the others only make their tests skip.
set -euo pipefail

packages=()
needed=no

want_python() {
  local py=${PY:-python3}
  if ! command -v "$py" >/dev/null; then
    packages+=(python3 python3-venv)
    needed=yes
  elif ! "$py" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    echo "InConcert needs Python 3.11 or later; $py is $("$py" -V 2>&1). Maybe: make PY=python3.12 ..." >&2
    exit 1
  elif ! "$py" -c 'import ensurepip, venv' 2>/dev/null; then
    packages+=(python3-venv)
    needed=yes
  fi
}

want_browser() {
  [ -n "${CHROMIUM:-}" ] || command -v chromium >/dev/null || command -v google-chrome >/dev/null ||
    packages+=(chromium fonts-liberation)
}

want_postgres() {
  # shellcheck source=scripts/find_postgres.sh
  . "$(dirname "$0")/find_postgres.sh"
  [ -n "$(postgres_bin)" ] || packages+=(postgresql)
}

want_pdf() {
  command -v pdftotext >/dev/null || packages+=(poppler-utils)
}

want_java() {
  command -v java >/dev/null || packages+=(default-jre-headless)
}

for part in "$@"; do
  case $part in
    python | browser | postgres | pdf | java) "want_$part" ;;
    *) echo "system_packages.sh: no part is called $part; there are python, browser, postgres, pdf and java" >&2; exit 2 ;;
  esac
done
[ ${#packages[@]} -eq 0 ] && exit 0

line="apt-get install --yes --no-install-recommends ${packages[*]}"
as_root=()
if [ "$(id -u)" -ne 0 ]; then
  as_root=(sudo -n)
  sudo -n true 2>/dev/null || as_root=(may-not)
fi
if command -v apt-get >/dev/null && [ "${as_root[*]-}" != may-not ]; then
  echo "Installing with apt: ${packages[*]}"
  export DEBIAN_FRONTEND=noninteractive
  # One package at a time: on Ubuntu `chromium` has another name, and that must not keep PostgreSQL out.
  "${as_root[@]}" apt-get update -qq -o DPkg::Lock::Timeout=120 </dev/null || true
  failed=()
  for package in "${packages[@]}"; do
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install --yes -qq --no-install-recommends \
      -o DPkg::Lock::Timeout=120 "$package" </dev/null >/dev/null || failed+=("$package")
  done
  [ ${#failed[@]} -eq 0 ] && exit 0
  echo "apt could not install: ${failed[*]}" >&2
else
  echo "Missing: ${packages[*]}. Type this once:" >&2
  echo "    sudo $line" >&2
fi
if [ $needed = yes ]; then
  exit 1
fi
echo "Going on without; the tests that want it are skipped and say so." >&2
