#!/bin/bash
set -e
f() {
  local count = 3
  echo "$count"
}
f
