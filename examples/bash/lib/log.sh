# Read by the scripts.

log() {
    printf '%s\n' "deploy: $*"
}
