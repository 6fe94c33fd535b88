#!/usr/bin/env bash -e
echo hi
