#!/usr/bin/env bash
set -euo pipefail
HERE="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
source "$HERE/../lib/log.sh"
source "$HERE/../lib/hosts.sh"

main() {
  log_info "deploying to $1"
  list_hosts "$HERE/../etc/$1.txt"
}
main "$@"
