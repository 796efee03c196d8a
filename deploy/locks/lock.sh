#!/usr/bin/env bash
# Write the locks: every dependency of each install in one version, with the hashes of all its files, for Python 3.11 to
# 3.13 on every platform that it has wheels for. `all` comes first: the others take its versions, so that installs mix.
set -euo pipefail
cd "$(dirname "$0")/../.."
lock() { # NAME EXTRA... -- OPTIONS...
    local name=$1 extras=() && shift
    while [ "$1" != -- ]; do extras+=(--extra "$1") && shift; done && shift
    "${UV:-.venv/bin/uv}" pip compile pyproject.toml "${extras[@]}" "$@" --quiet --universal --python-version 3.11 \
        --generate-hashes --no-emit-index-url --no-emit-find-links --no-annotate --no-header --output-file "deploy/locks/$name.txt"
    sed -i.new "1i # $name: made by \`make lock\`. Install: pip install --require-hashes -r deploy/locks/$name.txt && pip install --no-deps ." \
        "deploy/locks/$name.txt" && rm -f "deploy/locks/$name.txt.new"
}
lock all edge edge-openvino server api dashboard report oidc -- "$@"
lock edge edge -- --constraint deploy/locks/all.txt
lock edge-openvino edge edge-openvino -- --constraint deploy/locks/all.txt
lock server server -- --constraint deploy/locks/all.txt
lock api api -- --constraint deploy/locks/all.txt
lock dashboard-oidc dashboard report oidc -- --constraint deploy/locks/all.txt
lock dashboard dashboard report -- --constraint deploy/locks/all.txt
