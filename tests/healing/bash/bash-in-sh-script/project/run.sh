#!/bin/sh
set -e
items=(a b c)
for i in "${items[@]}"; do
  echo "$i"
done
