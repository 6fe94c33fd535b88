#!/bin/bash
set -e
./env.sh
echo "$APP"
