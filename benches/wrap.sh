#!/bin/sh
# What heal costs around a command that succeeds: time to start, and throughput.
# usage: benches/wrap.sh [WRAPPER…]      e.g. benches/wrap.sh target/release/heal run --
# Without arguments the example that is the process layer alone:
#   cargo build --release --example wrap && benches/wrap.sh
set -eu
[ $# -gt 0 ] || set -- "$(dirname "$0")/../target/release/examples/wrap"
runs=${RUNS:-200}
size=${SIZE_MB:-1000}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
head -c "${size}000000" /dev/zero | tr '\0' 'x' | fold -w 79 > "$folder/big"

now() { date +%s%N; }

# Milliseconds a run, the best of five rounds: other work on the machine only ever adds.
start() {
    best=
    for round in 1 2 3 4 5; do
        i=0
        from=$(now)
        while [ $i -lt "$runs" ]; do
            "$@" /bin/true
            i=$((i + 1))
        done
        took=$((($(now) - from) / runs / 1000))
        if [ -z "$best" ] || [ "$took" -lt "$best" ]; then best=$took; fi
    done
    echo "$best"
}

# MB/s, the best of five rounds.
rate() {
    best=0
    for round in 1 2 3 4 5; do
        from=$(now)
        eval "$1"
        took=$((($(now) - from) / 1000))
        speed=$((size * 1000000 / took))
        if [ "$speed" -gt "$best" ]; then best=$speed; fi
    done
    echo "$best"
}

big=$folder/big
wrap=$*
bare=$(start env)
wrapped=$(start "$@")
echo "start:  bare $bare µs, wrapped $wrapped µs, difference $((wrapped - bare)) µs"
cat=$(rate "cat '$big' | cat > /dev/null")
ours=$(rate "$wrap cat '$big' > /dev/null")
echo "stdout: cat|cat $cat MB/s, wrapped $ours MB/s, $((ours * 100 / cat)) %"
cat=$(rate "cat '$big' | cat | cat > /dev/null")
ours=$(rate "$wrap cat '$big' | cat > /dev/null")
echo "stdout to a pipe: cat|cat|cat $cat MB/s, wrapped $ours MB/s, $((ours * 100 / cat)) %"
ours=$(rate "cat '$big' | $wrap cat > /dev/null")
echo "stdin through a pipe, bound exceeded: cat|cat|cat $cat MB/s, wrapped $ours MB/s, $((ours * 100 / cat)) %"
