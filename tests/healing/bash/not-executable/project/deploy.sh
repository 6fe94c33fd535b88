#!/bin/sh
echo deployed v1
