#!/usr/bin/env bash
files=(src/a.txt src/b.txt)
for f in "${files[@]}"; do
  echo "lint $f"
done
