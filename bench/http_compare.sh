#!/bin/bash
# A routed JSON answer of 1 KiB over keep-alive connections: our server beside libh2o and nginx, in the same minute.
#   bench/http_compare.sh BUILD_FOLDER [ROUNDS] [SECONDS] [CONNECTIONS]
# Candidates take turns, because a shared machine may be several times slower from one minute to the next; the server's
# own CPU time per request moves least and is the figure to compare. Server on the last processor, wrk on the first.
set -eu
build=$1
rounds=${2:-5}
seconds=${3:-2}
connections=${4:-64}
scratch=$(mktemp -d)
pids=()
trap 'for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done; rm -rf "$scratch"' EXIT
last=$(($(nproc) - 1))

filler=$(head -c 980 /dev/zero | tr '\0' x)
cat > "$scratch/nginx.conf" <<NGINX
daemon off; worker_processes 1; pid $scratch/nginx.pid; error_log $scratch/error.log;
events { worker_connections 4096; }
http { access_log off; keepalive_requests 1000000000; client_body_temp_path $scratch; proxy_temp_path $scratch;
  fastcgi_temp_path $scratch; uwsgi_temp_path $scratch; scgi_temp_path $scratch; types { application/json json; }
  server { listen 127.0.0.1:28483; default_type application/json; root $scratch/www;
    location /inline/ { return 200 '{"id":"7","text":"$filler"}'; } } }
NGINX
mkdir -p "$scratch/www/x"
printf '{"id":"7","text":"%s"}' "$filler" > "$scratch/www/x/7"

start() { taskset -c "$last" "$@" > /dev/null 2>> "$scratch/log" & pids+=($!); }
start "$build/bench/http_server" 28481 1; musubi=$!
peers=("musubi|$musubi|http://127.0.0.1:28481/x/7")
if [ -x "$build/bench/h2o_server" ]; then
    start "$build/bench/h2o_server" 28482
    peers+=("libh2o|$!|http://127.0.0.1:28482/x/7")
fi
start nginx -c "$scratch/nginx.conf" -p "$scratch"; nginx=$!
for _ in $(seq 50); do curl -sf http://127.0.0.1:28483/x/7 > /dev/null && curl -sf http://127.0.0.1:28481/x/7 > /dev/null && break; sleep 0.1; done
worker=$(pgrep -P "$nginx")
peers+=("nginx-file|$worker|http://127.0.0.1:28483/x/7" "nginx-inline|$worker|http://127.0.0.1:28483/inline/7")

ticks=$(getconf CLK_TCK)
cpu() { awk '{print $14 + $15}' "/proc/$1/stat"; }
for round in $(seq "$rounds"); do
    for peer in "${peers[@]}"; do
        IFS='|' read -r name pid url <<< "$peer"
        before=$(cpu "$pid")
        out=$(taskset -c 0 wrk -t1 -c"$connections" -d"${seconds}s" --latency "$url")
        after=$(cpu "$pid")
        awk -v name="$name" -v used="$((after - before))" -v ticks="$ticks" '
            /requests in/ { requests = $1 }
            /Requests\/sec/ { rate = $2 }
            /99%/ { p99 = $2 }
            /Non-2xx/ { bad = $NF }
            END { if (bad) { print name, "answered wrongly", bad, "times" > "/dev/stderr"; exit 1 }
                  printf "%s %.0f %.2f %s\n", name, rate, used * 1e6 / ticks / requests, p99 }' <<< "$out" >> "$scratch/results"
    done
done
echo "1 KiB JSON, keep-alive, $connections connections, server and client on one processor each, $rounds rounds of $seconds s"
echo "candidate      requests/s median (best)   server CPU µs/request median (best)"
for name in $(cut -d' ' -f1 "$scratch/results" | sort -u); do
    rates=$(grep "^$name " "$scratch/results" | cut -d' ' -f2 | sort -n)
    used=$(grep "^$name " "$scratch/results" | cut -d' ' -f3 | sort -n)
    middle=$(((rounds + 1) / 2))
    printf '%-14s %9s (%s)          %6s (%s)\n' "$name" "$(sed -n "${middle}p" <<< "$rates")" "$(tail -1 <<< "$rates")" \
        "$(sed -n "${middle}p" <<< "$used")" "$(head -1 <<< "$used")"
done
