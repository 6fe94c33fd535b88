#!/bin/sh
set -e
./step.sh
echo end
