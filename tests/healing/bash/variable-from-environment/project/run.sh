#!/bin/bash
set -eu
echo "$DEPLOY_ENV"
