#!/bin/bash
set -e
n=2
[$n -eq 2 ]
echo two
