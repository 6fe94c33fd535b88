#!/usr/local/lib/bash
echo hi
