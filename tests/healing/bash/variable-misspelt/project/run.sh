#!/bin/bash
set -eu
release_name=v2
echo "$relase_name"
