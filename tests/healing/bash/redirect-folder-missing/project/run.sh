#!/bin/bash
set -e
echo start > logs/run.log
cat logs/run.log
