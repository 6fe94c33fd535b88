#!/bin/bash
case "${1:-start}" in
  start)
    echo starting
    ;;
  stop)
    echo stopping
    ;;

echo finished
