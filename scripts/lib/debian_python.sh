# Python 3.14 from Debian's own packages, unpacked into a private folder: for machines
# where uv cannot download one. Nothing is installed and the system stays as it is.
# shellcheck shell=bash

# debian_python FOLDER PATCHELF: leaves FOLDER/usr/bin/python3.14, ready to run.
debian_python() {
    local folder=$1 patchelf=$2 suite
    command -v apt-get >/dev/null && command -v dpkg >/dev/null || return 1
    for suite in forky sid; do
        rm -rf "$folder"
        mkdir -p "$folder"
        if _debian_fetch "$folder" "$suite" && _debian_relocate "$folder" "$patchelf"; then
            return 0
        fi
    done
    rm -rf "$folder"
    return 1
}

_debian_mirror() {
    # shellcheck disable=SC2016 # apt fills these in
    apt-get indextargets --format '$(SITE) $(ORIGIN)' |
        awk '$2 == "Debian" { print $1; exit }'
}

_debian_fetch() {
    local folder=$1 suite=$2 mirror
    local apt=$folder/apt keyring=/usr/share/keyrings/debian-archive-keyring.gpg
    mirror=$(_debian_mirror)
    [[ -n $mirror && -r $keyring ]] || return 1
    mkdir -p "$apt/lists/partial" "$apt/archives/partial" "$apt/parts"
    : >"$apt/status"
    # apt fetches as its own user, which may not be able to enter the checkout.
    cat >"$apt/apt.conf" <<EOF
Dir::Etc::SourceList "$apt/sources.list";
Dir::Etc::SourceParts "$apt/parts";
Dir::State::Lists "$apt/lists";
Dir::State::Status "$apt/status";
Dir::Cache "$apt";
Dir::Cache::Archives "$apt/archives";
APT::Sandbox::User "";
APT::Install-Recommends "false";
EOF
    echo "deb [signed-by=$keyring] $mirror $suite main" >"$apt/sources.list"
    APT_CONFIG=$apt/apt.conf apt-get --quiet update || return 1
    APT_CONFIG=$apt/apt.conf apt-get --quiet --yes --download-only \
        install python3.14 python3.14-venv || return 1
    local package
    for package in "$apt"/archives/*.deb; do
        dpkg -x "$package" "$folder" || return 1
    done
    rm -rf "$apt"
}

# The binary must use the libraries it came with, not this machine's older ones.
_debian_relocate() {
    local folder=$1 patchelf=$2 libraries loader
    libraries=$(dirname "$(find "$folder/usr/lib" -name libc.so.6 -print -quit)")
    loader=$(find "$folder/usr/lib" "$folder/usr/lib64" -name 'ld-linux*.so*' -print -quit 2>/dev/null)
    [[ -n $loader && -n $libraries ]] || return 1
    "$patchelf" --set-interpreter "$loader" "$folder/usr/bin/python3.14" &&
        "$patchelf" --force-rpath --set-rpath "$libraries" "$folder/usr/bin/python3.14" &&
        "$folder/usr/bin/python3.14" -c 'import ssl, sqlite3, ctypes'
}
