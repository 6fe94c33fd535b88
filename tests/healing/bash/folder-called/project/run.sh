#!/bin/bash
set -e
./scripts
