#!/bin/bash
set -e
frobnicatorctl sync
