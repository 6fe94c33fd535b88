#!/bin/bash
set -euo pipefail
build_image() {
  echo "building $1"
}
build_imgae web
