#!/bin/sh
# Runs the tests on both interpreters and adds their coverage up. `make test` prepares for it.
# Usage: sh scripts/test.sh [words for pytest]
set -u
cd "$(dirname "$0")/.."

MINIMUM=90
failed=0

rm -f .coverage .coverage.*

echo "tests: the application, $(.venv/bin/python --version)"
if [ $# -gt 0 ]; then
    .venv/bin/coverage run -m pytest "$@" || failed=1
else
    .venv/bin/coverage run -m pytest -n 3 --dist loadfile tests/unit tests/integration || failed=1
    # Whole servers and browsers: measured by what they do, not by the lines they pass.
    .venv/bin/python -m pytest -n 3 --dist worksteal tests/e2e || failed=1
fi

if [ -x .venv-rasa/bin/python ]; then
    echo "tests: understanding inside Rasa's environment, $(.venv-rasa/bin/python --version)"
    RASA_TELEMETRY_ENABLED=false TF_CPP_MIN_LOG_LEVEL=3 SQLALCHEMY_SILENCE_UBER_WARNING=1 \
        .venv-rasa/bin/python -m coverage run -m pytest --disable-warnings tests/unit/nlu tests/rasa || failed=1
else
    echo "tests: NOT RUN inside Rasa: .venv-rasa could not be made (see above)." >&2
    [ "${CI:-}" = true ] && failed=1
fi

.venv/bin/coverage combine --quiet || failed=1
.venv/bin/coverage report --fail-under="$MINIMUM" || failed=1
exit "$failed"
