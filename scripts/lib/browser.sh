# A Chromium for scripts/e2e: one that is there, Playwright's, or Debian's, unpacked privately.
# shellcheck shell=bash

# find_browser: sets BROWSER to a program that starts a Chromium.
find_browser() {
    local name unpacked=$ROOT/.tools/debian-chromium
    BROWSER=${SMARTLOCKS_BROWSER:-}
    if [[ -n $BROWSER && $BROWSER != debian ]]; then
        command -v "$BROWSER" >/dev/null || die "SMARTLOCKS_BROWSER is no program: $BROWSER"
        return
    fi
    if [[ -z $BROWSER ]]; then
        for name in chromium chromium-browser google-chrome google-chrome-stable; do
            BROWSER=$(command -v "$name") && return
        done
        if [[ ! -x $unpacked/run ]] && _playwright_browser; then return; fi
    fi
    BROWSER=$unpacked/run
    [[ -x $BROWSER ]] || run_quietly "Unpacking Debian's Chromium" debian_chromium "$unpacked"
}

# _playwright_browser: fetches Playwright's own Chromium, where that can be had.
_playwright_browser() {
    local python=$ROOT/.venv-e2e/bin/python
    export PLAYWRIGHT_BROWSERS_PATH=$ROOT/.tools/playwright
    say "Fetching Playwright's Chromium …"
    "$python" -m playwright install chromium >/dev/null 2>&1 || return 1
    BROWSER=$("$python" - <<'EOF'
from playwright.sync_api import sync_playwright

with sync_playwright() as playwright:
    print(playwright.chromium.executable_path)
EOF
    )
    # It comes without the libraries that a machine without a screen may lack.
    "$BROWSER" --version >/dev/null 2>&1
}

# debian_chromium FOLDER: leaves FOLDER/run, which starts the Chromium of this machine's own
# Debian with all its libraries; nothing is installed and the system stays as it is.
debian_chromium() {
    local folder=$1 apt=$1/apt package
    if ! { command -v apt-get && command -v dpkg; } >/dev/null; then
        echo "There is no Chromium for this machine: install one and try again."
        return 1
    fi
    rm -rf "$folder"
    mkdir -p "$apt/lists/partial" "$apt/archives/partial"
    : >"$apt/status"
    # With an empty list of what is installed, apt fetches every library.
    cat >"$apt/apt.conf" <<EOF
Dir::State::Lists "$apt/lists";
Dir::State::Status "$apt/status";
Dir::Cache "$apt";
Dir::Cache::Archives "$apt/archives";
APT::Sandbox::User "";
APT::Install-Recommends "false";
EOF
    APT_CONFIG=$apt/apt.conf apt-get --quiet update &&
        APT_CONFIG=$apt/apt.conf apt-get --quiet --yes --download-only install \
            chromium fonts-dejavu-core || return 1
    for package in "$apt"/archives/*.deb; do
        # The machine's own C library fits: it is of the same release.
        [[ $(basename "$package") == libc6_* ]] || dpkg -x "$package" "$folder" || return 1
    done
    rm -rf "$apt"
    _write_launcher "$folder"
    "$folder/run" --version
}

_write_launcher() {
    local folder=$1 libraries
    libraries=$(dirname "$(find "$folder/usr/lib" -name 'libnss3.so' -print -quit)")
    cat >"$folder/run" <<EOF
#!/bin/sh
export LD_LIBRARY_PATH="$libraries:$folder/lib/$(basename "$libraries")"
export FONTCONFIG_PATH="$folder/etc/fonts"
export XDG_DATA_DIRS="$folder/usr/share"
exec "$folder/usr/lib/chromium/chromium" "\$@"
EOF
    chmod +x "$folder/run"
}
