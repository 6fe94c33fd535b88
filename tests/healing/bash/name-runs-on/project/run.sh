#!/bin/bash
set -eu
name=db
echo "$name_backup.tar"
