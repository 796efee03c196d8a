#!/usr/bin/env bash
# Makes the virtual environment of a developer, and what the tests like to find on the machine.
# PYTHON: the interpreter to use; VENV: where to. Run by `make setup`.
set -euo pipefail

VENV="${VENV:-.venv}"

new_enough() {
    "$1" -c 'import sys; sys.exit(not ((3, 11) <= sys.version_info[:2] < (3, 14)))' 2>/dev/null
}

find_python() {
    local candidate
    for candidate in ${PYTHON:+"$PYTHON"} python3.12 python3.13 python3.11 python3 python; do
        if command -v "$candidate" >/dev/null 2>&1 && new_enough "$candidate"; then
            command -v "$candidate"
            return
        fi
        if [ -n "${PYTHON:-}" ] && [ "$candidate" = "$PYTHON" ]; then
            echo "make setup: PYTHON=$PYTHON is not a Python from 3.11 to 3.13" >&2
            exit 1
        fi
    done
    echo "make setup: no Python from 3.11 to 3.13 found. Install one, or say where it is: make setup PYTHON=/path/to/python3.12" >&2
    exit 1
}

# Without them the rest still works: iotcore is the broker, the browser and TimescaleDB tests are skipped.
system_packages() {
    local missing=()
    PATH="$PATH:/usr/sbin:/usr/local/sbin" command -v mosquitto >/dev/null 2>&1 || missing+=(mosquitto)
    command -v chromium >/dev/null 2>&1 || missing+=(chromium fonts-noto-cjk)
    command -v node >/dev/null 2>&1 || missing+=(nodejs npm)
    [ ${#missing[@]} -eq 0 ] && return
    if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null 2>&1; then
        echo "make setup: installing ${missing[*]}"
        if DEBIAN_FRONTEND=noninteractive apt-get update -q >/dev/null \
            && DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${missing[@]}" >/dev/null; then
            # The tests run a broker of their own; the package's service is not needed.
            if command -v systemctl >/dev/null 2>&1; then systemctl disable --now mosquitto >/dev/null 2>&1 || true; fi
            return
        fi
    fi
    echo "make setup: good to have, and not here: ${missing[*]} (a real broker, browser tests, TimescaleDB tests)"
}

system_packages
if ! { [ -x "$VENV/bin/python" ] && new_enough "$VENV/bin/python"; }; then
    python="$(find_python)"
    echo "make setup: $("$python" --version) makes $VENV"
    "$python" -m venv "$VENV"
fi
echo "make setup: installing Footfall and its tools into $VENV (minutes on the first run)"
"$VENV/bin/python" -m pip install --quiet --disable-pip-version-check --editable ".[edge,edge-openvino,server,api,dashboard,report,oidc,forecast,dev]"
"$VENV/bin/footfall" --version
