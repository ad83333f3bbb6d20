# Shared by the scripts: where the checkout is, and how we talk to a person.
# shellcheck shell=bash

# shellcheck disable=SC2034 # whoever sources this uses it
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

# Compiled code is kept: without it every start of Home Assistant takes ten seconds more.
unset PYTHONDONTWRITEBYTECODE

if [[ -t 2 ]]; then
    BOLD=$'\033[1m' RED=$'\033[1;31m' PLAIN=$'\033[0m'
else
    BOLD='' RED='' PLAIN=''
fi

say() { printf '%s\n' "$BOLD→$PLAIN $*" >&2; }

die() {
    printf '%s\n' "$RED✗$PLAIN $*" >&2
    exit 1
}

# What programs say that cannot reach a server.
NO_NETWORK='resolve|name or service not known|temporary failure|network is unreachable|connection refused|connection failed|failed to establish|error sending request|dns error|timed out|proxy|failed to fetch|unable to connect'

# run_quietly LABEL COMMAND...: says what is going on, and shows the command's own
# words only when it fails, and not for want of a network.
run_quietly() {
    local label=$1 log started=$SECONDS
    shift
    log=$(mktemp)
    say "$label …"
    if ! "$@" >"$log" 2>&1; then
        if grep -qiE "$NO_NETWORK" "$log"; then
            die "$label failed: no server could be reached. Connect to the internet and try again (the details: $log)."
        fi
        cat "$log" >&2
        rm -f "$log"
        die "$label failed; the reason stands above."
    fi
    rm -f "$log"
    say "$label: done in $((SECONDS - started)) s"
}
