#!/bin/bash
set -e
NAME = "web app"
echo "$NAME"
