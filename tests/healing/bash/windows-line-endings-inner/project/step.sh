#!/bin/sh
echo step
