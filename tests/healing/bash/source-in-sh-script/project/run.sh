#!/bin/sh
set -e
source ./env.sh
echo "$APP"
