#!/bin/bash
set -e
gti --version > /dev/null
echo ok
