log_info() { printf '[info] %s\n' "$*"; }
log_err()  { printf '[err] %s\n' "$*" >&2; }
