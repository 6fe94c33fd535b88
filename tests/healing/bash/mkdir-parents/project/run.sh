#!/bin/bash
set -e
mkdir build/out/bin
rm -r build
echo made
