#!/bin/bash
set -e
month=08
next=$((month+1))
echo "$next"
