#!/bin/bash
set -e
printf "%s\n" \ 
  -l
