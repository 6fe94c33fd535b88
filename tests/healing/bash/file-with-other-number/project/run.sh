#!/bin/bash
set -e
cat data2024.csv
