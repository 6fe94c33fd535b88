#!/bin/bash
set -e
PATH=$PWD:$PATH
ssh web1 dig example.org
