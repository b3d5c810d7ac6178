#!/usr/bin/env bash
# Sees to a browser for the tests that read pages. Where chromium is missing and we are root on a machine with apt it
# is installed; elsewhere a sentence says how, and those tests then fail with the same sentence.
set -u
cd "$(dirname "$0")/.."

LOG=build/browser.log

say() { # GERMAN ENGLISH
    case "${STELLWERK_LANG:-de}" in en*) printf '%s\n' "$2" ;; *) printf '%s\n' "$1" ;; esac
}

found() {
    [ -n "${STELLWERK_CHROMIUM:-}" ] && return
    command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null
}

install_chromium() {
    apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends chromium
}

found && exit 0
mkdir -p build
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    say "Chromium für die Seitentests einspielen (rund eine Minute) ..." "Install Chromium for the page tests (about a minute) ..."
    start=$SECONDS
    install_chromium >"$LOG" 2>&1 </dev/null
    found && say "Chromium ist da, nach $((SECONDS - start)) s." "Chromium is there, after $((SECONDS - start)) s." && exit 0
    tail -n 10 "$LOG" >&2
fi
say "Für die Seitentests fehlt Chromium. Debian, Ubuntu: sudo apt install chromium; oder STELLWERK_CHROMIUM=/pfad/zum/browser setzen." \
    "Chromium is missing for the page tests. Debian, Ubuntu: sudo apt install chromium; or set STELLWERK_CHROMIUM=/path/to/browser." >&2
