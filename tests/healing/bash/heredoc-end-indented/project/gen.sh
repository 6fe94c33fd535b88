#!/bin/bash
set -e
if true; then
  cat <<EOF
  hello
  EOF
fi
echo done
