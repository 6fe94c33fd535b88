#!/usr/bin/env bash
# Builds the site and publishes it into a folder: ./deploy.sh [TARGET]
set -euo pipefail

cd "$(dirname "$0")"
. lib/log.sh

target=${1:-public}

build() {
    local page name
    mkdir -p build
    for page in site/*.txt; do
        name=$(basename "$page" .txt)
        if [ -s "$page" ]; then
            { echo "<h1>$name</h1>"; sed 's/^/<p>/' "$page"; } > "build/$name.html"
        else
            log "skipped $name: it is empty"
    done
}

publish() {
    rm -rf "$target"
    mv build "$target"
    log "published $(ls "$target" | wc -l | tr -d ' ') pages to $target"
}

build
publish
./check.sh "$target"
