#!/bin/bash
set -eu
host1=a
echo "$host1 $host2"
