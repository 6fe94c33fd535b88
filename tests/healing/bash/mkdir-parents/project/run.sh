#!/bin/bash
set -e
mkdir build/out/bin
echo made
