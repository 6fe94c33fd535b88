#!/bin/bash
set -e
sed -i '' 's/1/2/' version.txt
cat version.txt
