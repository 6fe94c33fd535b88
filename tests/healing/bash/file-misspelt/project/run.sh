#!/bin/bash
set -e
cat verison.txt
