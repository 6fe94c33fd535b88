#!/bin/bash
echo checking
exit 3
