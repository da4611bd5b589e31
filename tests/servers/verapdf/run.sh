#!/bin/sh
# Builds the PDF checker once, then checks: run.sh FILE.pdf ...
# Per file and standard one line: file, standard, compliant, number of checks, failed clauses; separated by tabs.
set -eu

fail() { echo "verapdf: $1" >&2; exit 3; }

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
java=${JAVA_HOME:+$JAVA_HOME/bin/}java
command -v "$java" >/dev/null || fail "Java not found: install a JDK, 17 or newer, or set JAVA_HOME"

# Any change to these files gives another folder, so a stale build never runs.
key=$(cd "$here" && { cat pom.xml run.sh; find src -type f | LC_ALL=C sort | xargs cat; } | sha256sum | cut -c1-16)
home=${VERAPDF_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/osteo-handover/verapdf}/$key

if [ ! -f "$home/pdf-checker.jar" ]; then
    command -v mvn >/dev/null || fail "Maven not found: mvn must be on PATH for the first build"
    echo "verapdf: building into $home; with an empty Maven repository this downloads about 20 MB" >&2
    mkdir -p "${home%/*}"
    work=$(mktemp -d "$home.XXXXXX")
    trap 'rm -rf "$work"' EXIT
    mvn -q -B -f "$here/pom.xml" "-Dbuild.dir=$work" compiler:compile jar:jar dependency:copy-dependencies >&2 ||
        fail "the build failed, see above"
    mv "$work/pdf-checker-1.jar" "$work/pdf-checker.jar"
    # Renamed when complete; of two builds at the same time the first one wins.
    mv -T "$work" "$home" 2>/dev/null || [ -f "$home/pdf-checker.jar" ] || fail "could not move the build to $home"
fi

# -Xlog keeps the virtual machine's own warnings off standard output.
exec "$java" -Xlog:disable -Xlog:all=error:stderr -cp "$home/pdf-checker.jar:$(printf '%s:' "$home"/lib/*.jar)" Check "$@"
