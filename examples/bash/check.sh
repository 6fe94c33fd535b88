#!/usr/bin/env bash
# Is every published page a page?
set -eu

for page in "$1"/*.html; do
    head -n 1 "$page" | grep -q '^<h1>' || { echo "$page has no title" >&2; exit 1; }
done
echo "all pages have a title"
