#!/bin/bash
set -e
echo build
