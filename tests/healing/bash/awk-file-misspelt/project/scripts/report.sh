#!/bin/bash
set -euo pipefail
awk -F, 'NR>1{s+=$2} END{print "all," s}' data/slaes.csv
