#!/usr/bin/env bash
# Writes the two lock files: exact versions with hashes, for every platform, and no address of any package index.
# Needs uv (`pip install uv`); users never do. `make lock` keeps what is pinned; `make lock ARGS=--upgrade` moves it.
set -euo pipefail
cd "$(dirname "$0")/.."

uv=${UV:-$(command -v uv || true)}
if [ -z "$uv" ]; then
  echo "make lock: uv was not found. Install it with: python3 -m pip install uv (in any virtual environment)" >&2
  exit 1
fi
lock() {
  "$uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes \
    --custom-compile-command "make lock" "$@"
}
# What the seeded clinic shows; asking a cohort (population, spark) is not in it.
lock pyproject.toml requirements/build.in --extra postgres --extra report --extra science --extra site --output-file requirements/demo.txt "${@}"
# The tests run on the very versions that users get.
lock pyproject.toml requirements/build.in --extra all --extra spark --extra docs --extra test \
  --constraints requirements/demo.txt --output-file requirements/test.txt "${@}"
