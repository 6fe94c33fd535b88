#!/bin/bash
set -e
[ -n "$BASH_VERSION" ]
echo fine
