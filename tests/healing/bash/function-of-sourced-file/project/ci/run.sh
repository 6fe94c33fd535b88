#!/bin/bash
set -e
cd "$(dirname "$0")/.."
. ci/funcs.sh
setup_enviroment
build_all
