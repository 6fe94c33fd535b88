# hosts helpers
list_hosts() {
  local file="$1" n=0
  while IFS= read -r line; do
    [[ -z "$line" || "$line" == \#* ]] && continue
    n=$((n + 1))
    printf '%d: %s\n' "$n" "$line"

  log_info "$n hosts"
}

pick_host() {
  local file="$1"
  for h in $(cat "$file"); do
    echo "$h"
    break
  done
}
