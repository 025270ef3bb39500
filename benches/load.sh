#!/usr/bin/env bash
# What one portal costs on this machine: CPU per page, pages under a flood of sign-ins, memory, start.
#   cargo build --release && benches/load.sh
# Needs wrk, curl and python3. Compare ratios within one run; absolute numbers are this machine's.
set -euo pipefail
cd "$(dirname "$0")/.."
binary=${PORTICO_BINARY:-target/release/portico}
connections=${CONNECTIONS:-8}
seconds=${SECONDS_EACH:-8}
work=$(mktemp -d)
pid=
stop() { [ -z "$pid" ] || kill "$pid" 2>/dev/null || true; rm -rf "$work"; }
trap stop EXIT

start() { # starts the demo on the data that is there, and waits until it is ready
  "$binary" demo --data "$work/data" --listen 127.0.0.1:0 >"$work/out" 2>"$work/log" &
  pid=$!
  for _ in $(seq 400); do
    url=$(sed -n 's/^Portico demo: //p' "$work/out")
    [ -n "$url" ] && curl -fs -o /dev/null "$url/readyz" && return
    sleep 0.01
  done
  cat "$work/log" >&2; exit 1
}
cpu() { # user and system time of the portal so far, in clock ticks of 10 ms
  awk '{print $14 + $15}' "/proc/$pid/stat"
}
memory() { awk '/^VmRSS/ {printf "%.1f MB", $2 / 1024}' "/proc/$pid/status"; }
sign_in() { # prints the cookie of the Owner
  curl -s -o /dev/null -c - -H 'Sec-Fetch-Site: same-origin' "$url/sign-in" \
    --data-urlencode email=owner@example.com --data-urlencode password=portico-demo-2026 |
    awk '$6 == "portico" {print $6 "=" $7}'
}
measure() { # title, address, further arguments of wrk
  local title=$1 path=$2; shift 2
  local before after
  for _ in 1 2 3; do curl -s -o /dev/null -H "Cookie: $cookie" "$url$path"; done
  before=$(cpu)
  wrk -t1 -c"$connections" -d"${seconds}s" --latency -H "Cookie: $cookie" "$@" "$url$path" >"$work/wrk"
  after=$(cpu)
  python3 - "$title" "$before" "$after" "$work/wrk" <<'PY'
import re, sys
title, before, after, path = sys.argv[1:]
text = open(path).read()
requests = int(re.search(r"(\d+) requests in", text).group(1))
rate = float(re.search(r"Requests/sec:\s+([\d.]+)", text).group(1))
p50, p99 = (re.search(rf"{p}%\s+(\S+)", text).group(1) for p in (50, 99))
errors = re.search(r"Non-2xx.*", text)
print(f"{title:<44} {rate:>8.0f}/s  p50 {p50:>8}  p99 {p99:>8}  {(int(after) - int(before)) * 10 / requests:.3f} ms CPU"
      + (f"  {errors.group(0)}" if errors else ""))
PY
}

start
kill -TERM "$pid"; wait "$pid" 2>/dev/null || true
# The second start is the one that counts: the file is there.
python3 - "$binary" "$work/data" <<'PY'
import subprocess, sys, time, urllib.request
times = []
for _ in range(7):
    began = time.perf_counter()
    process = subprocess.Popen([sys.argv[1], "demo", "--data", sys.argv[2], "--listen", "127.0.0.1:0"],
                               stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    url = process.stdout.readline().split()[-1]
    while True:
        try:
            urllib.request.urlopen(url + "/readyz").read(); break
        except OSError:
            pass
    times.append(time.perf_counter() - began)
    process.terminate(); process.wait()
print(f"start to ready, existing SQLite file: median {sorted(times)[3] * 1000:.0f} ms of 7")
PY
start
cookie=$(sign_in)
people=/organizations/aerial-survey-group/people
echo "pages, $connections connections, $seconds s each (wrk runs on the same cores)"
measure "healthz" /healthz
measure "people (47 rows)" "$people"
measure "people, zstd" "$people" -H 'Accept-Encoding: zstd'
measure "people, gzip" "$people" -H 'Accept-Encoding: gzip'
measure "people, search" "$people?search=fer"
measure "dashboard" /organizations/aerial-survey-group
measure "home" /home
cat >"$work/flood.lua" <<'LUA'
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/x-www-form-urlencoded"
wrk.headers["Sec-Fetch-Site"] = "same-origin"
wrk.body = "email=owner%40example.com&password=portico-demo-2026"
LUA
wrk -t1 -c16 -d"$((seconds + 3))s" -s "$work/flood.lua" "$url/sign-in" >"$work/flood" &
flood=$!
sleep 1
measure "people, under 16 parallel sign-ins" "$people"
wait "$flood"
echo "sign-ins meanwhile: $(sed -n 's/Requests\/sec: */ /p' "$work/flood")/s $(grep Non-2xx "$work/flood" || true)"
connections=64
measure "people, 64 connections" "$people"
echo "resident after all that: $(memory)"
for page in /sign-in /home /organizations/aerial-survey-group "$people" /organizations/aerial-survey-group/settings/edit; do
  for encoding in zstd gzip; do
    who=$cookie
    [ "$page" != /sign-in ] || who=none=none
    size=$(curl -s -o /dev/null -w '%{size_download}' -H "Cookie: $who" -H "Accept-Encoding: $encoding" "$url$page")
    echo "size $encoding $page: $size bytes"
  done
done
assets=$(curl -s "$url/sign-in" | grep -o '/static/[^"]*' | sort -u)
total=$(curl -s -o /dev/null -w '%{size_download}' -H 'Accept-Encoding: gzip' "$url/sign-in")
for asset in $assets; do
  size=$(curl -s -o /dev/null -w '%{size_download}' -H 'Accept-Encoding: gzip' "$url$asset")
  total=$((total + size))
done
echo "first visit, everything, gzip: $total bytes"
