#!/bin/bash
set -e
git stauts --short >/dev/null
echo ok
