#!/bin/bash
set -e
for s in steps/*.sh; do
  "./$s"
done
