#!/bin/sh
# Resolves requirements/*.in to pinned and hashed requirements/*.txt, for all platforms at once.
# Usage: sh scripts/requirements.sh [--upgrade]
set -eu
cd "$(dirname "$0")/../requirements"
# No index, host or path of this machine goes into the files.
resolve() {
    ../.venv/bin/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url \
        --custom-compile-command 'make requirements' "$@"
}
resolve "$@" --python-version 3.11 uv.in -o uv.txt
resolve "$@" --python-version 3.11 app.in -c uv.txt -o app.txt
resolve "$@" --python-version 3.11 dev.in -o dev.txt
resolve "$@" --python-version 3.10 rasa.in --override rasa-overrides.txt -o rasa.txt
echo "requirements: renewed; \`git diff requirements\` shows what changed"
