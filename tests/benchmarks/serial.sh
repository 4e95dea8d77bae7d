#!/bin/bash
# What the hub replaces: team after team, repository after repository, pull request after pull request, gate after gate.
# Arguments: a folder to work in, a file with the teams (NAME OWNER/REPOSITORY a line), one with the gates (a command a
# line). Environment: API_URL, GIT_URL with `{repository}`, TOKEN.
set -euo pipefail

PLACE=$1 TEAMS=$2 GATES=$3
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1
export GIT_AUTHOR_NAME=script GIT_AUTHOR_EMAIL=script@example.org
export GIT_COMMITTER_NAME=script GIT_COMMITTER_EMAIL=script@example.org
merged=0 refused=0

open_pull_requests() {
  curl --silent --fail --header "Authorization: token $TOKEN" \
    "$API_URL/repos/$1/pulls?state=open&sort=created&direction=asc&per_page=100" |
    python3 -c 'import json, sys; [print(each["number"], each["head"]["sha"]) for each in json.load(sys.stdin)]'
}

gates_pass() {
  while read -r gate; do
    (cd "$1" && sh -c "$gate") >>"$2" 2>&1 </dev/null || return 1
  done <"$GATES"
}

while read -r team repository; do
  logs="$PLACE/audit-logs/$team/$repository" clone="$PLACE/repos/$repository"
  mkdir -p "$logs"
  if [ ! -d "$clone" ]; then
    git clone --quiet "${GIT_URL/\{repository\}/$repository}" "$clone"
  else
    git -C "$clone" pull --quiet
  fi
  while read -r number head; do
    worktree="$PLACE/worktrees/$repository/$number"
    git -C "$clone" fetch --quiet origin main "$head"
    git -C "$clone" worktree add --quiet --detach "$worktree" origin/main
    if git -C "$worktree" merge --quiet --no-ff -m "Merge pull request #$number" "$head" &&
      gates_pass "$worktree" "$logs/$number.log"; then
      git -C "$worktree" push --quiet origin HEAD:main
      merged=$((merged + 1))
    else
      refused=$((refused + 1))
    fi
    git -C "$clone" worktree remove --force "$worktree"
  done < <(open_pull_requests "$repository")
  printf '# Audit report\n\n**Team:** %s\n**Repository:** %s\n\n%s\n' "$team" "$repository" "$(cat "$logs"/*.log)" \
    >"$logs/audit-report.md"
done <"$TEAMS"
echo "$merged merged, $refused refused"
