#!/bin/sh
# Finds a Python of 3.11 or newer and hands over to scripts/setup, which needs nothing else.
# Usage: sh scripts/setup.sh STEP... (see scripts/setup/__main__.py)
set -eu
cd "$(dirname "$0")/.."

# A name on PATH proves nothing: a pyenv shim may stand for a version that is not installed, and
# Debian ships Python without the part that makes environments. So each one is tried.
CHECK='import sys; sys.exit(sys.version_info < (3, 11))'
CHECK_VENV='import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))'

if .venv/bin/python -c "$CHECK" 2>/dev/null; then
    exec .venv/bin/python -m scripts.setup "$@"
fi

without_venv=
for candidate in ${PYTHON:-} python3 python3.13 python3.12 python3.11 python3.14 \
    "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.1[1-4]*/bin/python3; do
    if "$candidate" -c "$CHECK_VENV" 2>/dev/null; then
        exec "$candidate" -m scripts.setup "$@"
    elif "$candidate" -c "$CHECK" 2>/dev/null; then
        without_venv=$candidate
    fi
done

if [ -n "$without_venv" ]; then
    echo "setup: $without_venv cannot make virtual environments (its ensurepip is missing)." >&2
    echo "       Debian, Ubuntu: apt-get install python3-venv. Then run make again." >&2
else
    echo "setup: no Python of version 3.11 or newer was found." >&2
    echo "       Install one (Debian, Ubuntu: apt-get install python3 python3-venv; macOS: the" >&2
    echo "       installer of python.org), or name yours: make run PYTHON=/path/to/python3" >&2
fi
exit 1
