# One gate of a made-up organization: `sh gate.sh PLACE NAME RULE`, in the directory of a candidate.
# PLACE.armed makes it wait until PLACE.go is there; each file PLACE.flake.* is the exit status of one run.
place=$1 name=$2 rule=$3
env
if mv "$place.armed" "$place.begun" 2>/dev/null; then
    until test -e "$place.go"; do sleep 0.02; done
fi
for flake in "$place".flake.*; do
    used=$(mktemp "$place.used.XXXXXX")
    if mv "$flake" "$used" 2>/dev/null; then
        status=$(cat "$used")
        test "$status" = killed && kill -9 $$
        exit "$status"
    fi
done
find . -type f ! -path './.git*' | LC_ALL=C sort > "$TMPDIR/files"
seen=$(git hash-object --no-filters --stdin-paths < "$TMPDIR/files" | paste -d ' ' - "$TMPDIR/files" | sha1sum | cut -c 1-40)
eval "$rule"
status=$?
echo "$name $seen $status" >> "$place.seen"
exit $status
