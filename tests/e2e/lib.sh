# Shared by the end-to-end tests: the real daemon and the real command line against the lab. TAP on stdout. Sourced, not run.
# Every test has a folder of its own under $BUILD/e2e, its own clock and its own loopback addresses (--shift).
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
BUILD=${BUILD:-build}
TD=$PWD/$BUILD/tongduyet
LAB=$PWD/$BUILD/lab
SPEED=${SPEED:-30}
tests_n=0 failed=0
pids=()

ok() { # CONDITION_STATUS DESCRIPTION
	tests_n=$((tests_n + 1))
	if [ "$1" = 0 ]; then
		echo "ok $tests_n - $2"
	else
		echo "not ok $tests_n - $2"
		failed=$((failed + 1))
	fi
}
is() { # GOT EXPECTED DESCRIPTION
	[ "$1" = "$2" ]
	local status=$?
	ok $status "$3"
	[ $status = 0 ] || { echo "# got:      $1"; echo "# expected: $2"; }
}
end_tests() {
	echo "1..$tests_n"
	[ "$failed" = 0 ]
}
cleanup() {
	local pid
	for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null; done
	for pid in "${pids[@]}"; do
		for _ in $(seq 50); do kill -0 "$pid" 2>/dev/null || break; sleep 0.1; done
		kill -9 "$pid" 2>/dev/null
	done
	[ "$failed" = 0 ] || [ ! -s "${WS:-/nonexistent}/daemon.log" ] || tail -n 20 "$WS/daemon.log" | sed 's/^/# /'
}
trap cleanup EXIT

# workspace NAME SCENARIO [lab options]: a fresh workspace that matches the scenario.
workspace() {
	WS=$PWD/$BUILD/e2e/$1
	SCENARIO=$2
	shift 2
	LAB_OPTIONS=("$@")
	rm -rf "$WS"
	mkdir -p "$(dirname "$WS")"
	"$TD" init "$WS" >/dev/null || { echo "Bail out! init failed"; exit 1; }
	rm -f "$WS"/schedules/*.ics
	"$LAB" "$SCENARIO" --workspace "$WS" --dir "$WS/lab" "${LAB_OPTIONS[@]}" >/dev/null || { echo "Bail out! lab workspace failed"; exit 1; }
}
# clock INSTANT: one origin for lab, daemon and command line.
clock() { CLOCK=("--clock" "$1@$(date +%s.%N)" "--speed" "$SPEED"); }
lab_start() {
	local lab_options=()
	for o in "${LAB_OPTIONS[@]}"; do [ "$o" = --no-endpoints ] || lab_options+=("$o"); done
	"$LAB" "$SCENARIO" --dir "$WS/lab" "${lab_options[@]}" "${CLOCK[@]}" >"$WS/lab.log" 2>&1 &
	LAB_PID=$!
	pids+=("$LAB_PID")
	for _ in $(seq 100); do grep -q 'lab ready' "$WS/lab.log" 2>/dev/null && return 0; sleep 0.1; done
	echo "Bail out! the lab did not start"; cat "$WS/lab.log"; exit 1
}
daemon_start() {
	"$TD" --workspace "$WS" "${CLOCK[@]}" serve >>"$WS/daemon.log" 2>&1 &
	DAEMON=$!
	pids+=("$DAEMON")
	for _ in $(seq 100); do "$TD" --workspace "$WS" status >/dev/null 2>&1 && return 0; kill -0 "$DAEMON" 2>/dev/null || break; sleep 0.1; done
	"$TD" --workspace "$WS" status >/dev/null 2>&1 || { echo "Bail out! the daemon did not start"; tail -5 "$WS/daemon.log"; exit 1; }
}
# wait_reports N SECONDS: until that many reports lie in the folder.
wait_reports() {
	for _ in $(seq $(($2 * 5))); do
		[ "$(find "$WS/reports" -name report.json 2>/dev/null | wc -l)" -ge "$1" ] && return 0
		sleep 0.2
	done
	return 1
}
report_of() { find "$WS/reports" -path "*$1*" -name report.json | sort | head -1; }
# list REPORT NAME: ids of a list, in one line.
list() { jq -r ".lists.$2 | join(\" \")" "$1"; }
headlines() { jq -r '[.sites[] | .headline] | group_by(.) | map("\(.[0]):\(length)") | join(" ")' "$1"; }
lab_count() { # EVENT [JQ FILTER]
	jq -s "[.[] | select(.event == \"$1\") ${2:+| select($2)}] | length" "$WS/lab/log"
}
