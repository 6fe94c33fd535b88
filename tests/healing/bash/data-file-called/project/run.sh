#!/bin/bash
set -e
./config.yml
