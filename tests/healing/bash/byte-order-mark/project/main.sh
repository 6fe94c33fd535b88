#!/bin/bash
set -e
out=$(bash run.sh 2>&1)
case $out in *"No such file"*) echo "$out" >&2; exit 1 ;; esac
echo "$out"
