#!/bin/sh
mode=$1
if [ "$mode" = a ]; then
  echo first
else if [ "$mode" = b ]; then
  echo second
fi
