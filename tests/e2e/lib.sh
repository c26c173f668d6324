# Shared by the end-to-end tests: the real daemon and the real command line against the lab. TAP on stdout. Sourced, not run.
# Every test has a folder of its own under $BUILD/e2e, its own clock and its own loopback addresses (--shift).
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
BUILD=${BUILD:-build}
TD=$PWD/$BUILD/tongduyet
LAB=$PWD/$BUILD/lab
# A rehearsal at 20 times its speed has 20 times less patience with a busy machine: where we may, lab and daemon go first, and the
# clock stands while they wait for a core (tests/lab/pace.c; PACED= for the machine's own). Sanitized programs take longer for everything.
case $BUILD in *san-*) SPEED=${SPEED:-15} ;; *) SPEED=${SPEED:-20} ;; esac
case $0 in */e2e/*) PACED=${PACED-yes} ;; *) PACED= ;; esac
PATIENCE=3 # how many times as long as on an idle machine we wait for what is going to happen
FIRST=()
nice -n -10 true 2>/dev/null && FIRST=(nice -n -10)
# Nor is it about this machine's disk: a flush that takes a quarter of a second would be five. (A killed process loses nothing by it.)
case $BUILD in *san-*) ;; *) command -v eatmydata >/dev/null && FIRST+=(eatmydata) ;; esac
tests_n=0 failed=0
pids=()
clocks=()

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
# Numbers of processes come round again within minutes here: one that has ended may be another test's by now.
is_ours() { grep -qx "PPid:[[:space:]]*$$" "/proc/$1/status" 2>/dev/null; }
cleanup() {
	local pid
	for pid in "${pids[@]}"; do is_ours "$pid" && kill "$pid" 2>/dev/null; done
	for pid in "${pids[@]}"; do
		for _ in $(seq 50); do is_ours "$pid" || break; sleep 0.1; done
		is_ours "$pid" && kill -9 "$pid" 2>/dev/null
	done
	[ ${#clocks[@]} = 0 ] || rm -f "${clocks[@]}"
	[ "$failed" = 0 ] || [ ! -s "${WS:-/nonexistent}/daemon.log" ] || tail -n 20 "$WS/daemon.log" | sed 's/^/# /'
}
trap cleanup EXIT

# workspace NAME SCENARIO [lab options]: a fresh workspace that matches the scenario.
workspace() {
	WS=$PWD/$BUILD/e2e/$1
	SCENARIO=$2
	shift 2
	LAB_OPTIONS=("$@")
	# SHIFT_BASE moves all addresses, so that two checkouts can be tested on one machine at a time.
	for i in "${!LAB_OPTIONS[@]}"; do
		[ "${LAB_OPTIONS[i]}" = --shift ] && LAB_OPTIONS[i + 1]=$((LAB_OPTIONS[i + 1] + ${SHIFT_BASE:-0}))
	done
	rm -rf "$WS"
	mkdir -p "$(dirname "$WS")"
	"$TD" init "$WS" >/dev/null || { echo "Bail out! init failed"; exit 1; }
	rm -f "$WS"/schedules/*.ics
	"$LAB" "$SCENARIO" --workspace "$WS" --dir "$WS/lab" "${LAB_OPTIONS[@]}" >/dev/null || { echo "Bail out! lab workspace failed"; exit 1; }
}
# clock INSTANT: one origin for lab, daemon and command line.
clock() {
	ORIGIN=$(date +%s.%N)
	if [ -n "$PACED" ]; then
		mkdir -p "$BUILD/e2e"
		ORIGIN=$(mktemp "$PWD/$BUILD/e2e/clock.XXXXXX") || { echo "Bail out! no file for the clock"; exit 1; }
		clocks+=("$ORIGIN")
		head -c 8 /dev/zero >"$ORIGIN"
		"${FIRST[@]}" "$LAB" --pace "$ORIGIN" &
		pids+=("$!")
	fi
	CLOCK=("--clock" "$1@$ORIGIN" "--speed" "$SPEED")
}
# elapsed: seconds since the clock was set, as it counts them; before it was set, of the machine's own.
elapsed() {
	case ${ORIGIN:-0} in
	/*) perl -e 'open my $f, "<", $ARGV[0]; read $f, my $ms, 8; printf "%.3f\n", unpack("q", $ms) / 1000' "$ORIGIN" ;;
	*) perl -e 'printf "%.3f\n", `date +%s.%N` - $ARGV[0]' "${ORIGIN:-0}" ;;
	esac
}
# until_elapsed SECONDS: until so many are over.
until_elapsed() {
	local left
	while left=$(perl -e 'my $left = $ARGV[0] - $ARGV[1]; printf "%.3f\n", $left if $left > 0' "$1" "$(elapsed)") && [ -n "$left" ]; do
		sleep "$left"
	done
}
# pause SECONDS: "sleep", by that clock.
pause() { until_elapsed "$(perl -e 'print $ARGV[0] + $ARGV[1]' "$(elapsed)" "$1")"; }
lab_start() {
	local lab_options=()
	for o in "${LAB_OPTIONS[@]}"; do [ "$o" = --no-endpoints ] || lab_options+=("$o"); done
	"${FIRST[@]}" "$LAB" "$SCENARIO" --dir "$WS/lab" "${lab_options[@]}" "${CLOCK[@]}" >"$WS/lab.log" 2>&1 &
	LAB_PID=$!
	pids+=("$LAB_PID")
	for _ in $(seq $((PATIENCE * 100))); do grep -q 'lab ready' "$WS/lab.log" 2>/dev/null && return 0; sleep 0.1; done
	echo "Bail out! the lab did not start"; cat "$WS/lab.log"; exit 1
}
# Does the daemon answer? 1 = it does, and something is not as it should be.
daemon_answers() {
	"$TD" --workspace "$WS" status >/dev/null 2>&1
	[ $? -le 1 ]
}
daemon_start() {
	"${FIRST[@]}" "$TD" --workspace "$WS" "${CLOCK[@]}" serve >>"$WS/daemon.log" 2>&1 &
	DAEMON=$!
	pids+=("$DAEMON")
	for _ in $(seq $((PATIENCE * 100))); do daemon_answers && return 0; kill -0 "$DAEMON" 2>/dev/null || break; sleep 0.1; done
	daemon_answers || { echo "Bail out! the daemon did not start"; tail -5 "$WS/daemon.log"; exit 1; }
}
# wait_reports N SECONDS: until that many reports lie in the folder.
wait_reports() { wait_for "$2" reports_written "$1"; }
reports_written() { [ "$(find "$WS/reports" -name report.json 2>/dev/null | wc -l)" -ge "$1" ]; }
report_of() { find "$WS/reports" -path "*$1*" -name report.json | sort | head -1; }
# list REPORT NAME: ids of a list, in one line.
list() { jq -r ".lists.$2 | join(\" \")" "$1"; }
headlines() { jq -r '[.sites[] | .headline] | group_by(.) | map("\(.[0]):\(length)") | join(" ")' "$1"; }
lab_count() { # EVENT [JQ FILTER]
	jq -s "[.[] | select(.event == \"$1\") ${2:+| select($2)}] | length" "$WS/lab/log"
}
lab_stop() {
	is_ours "$LAB_PID" && kill "$LAB_PID" 2>/dev/null
	wait "$LAB_PID" 2>/dev/null
}
daemon_stop() {
	is_ours "$DAEMON" && kill "$DAEMON" 2>/dev/null
	wait "$DAEMON" 2>/dev/null
}
# short_playbook [rollcall]: "ngan", three and a half minutes from the event's start to the report (five with a roll call),
# committed, and used by the workspace's calendar.
short_playbook() {
	local roll='' end=2
	if [ "${1:-}" = rollcall ]; then
		roll='<rollcall at="PT2M" answer-within="PT20S" calls="1"/>' end=4
	fi
	cat >"$WS/playbooks/ngan.xml" <<X2
<?xml version="1.0" encoding="UTF-8"?>
<playbook name="ngan" title="Tổng duyệt ngắn" phase="rehearsal" anchor="event">
	<open at="PT0S" muted="yes"/>
	<dial at="PT0S" attempts="2" every="PT30S" probe-every="PT30S"/>
	<verify at="PT30S" within="PT1M"/>
	<watch at="PT1M30S" redial="yes" until="allclear"/>
	$roll
	<allclear at="PT${end}M" by="rule" latest="PT${end}M15S"/>
	<close at="PT${end}M45S"/>
	<report at="PT$((end + 1))M"/>
</playbook>
X2
	sed -i 's/playbook="tong-duyet"/playbook="ngan"/' "$WS/tongduyet.xml"
	"$TD" --workspace "$WS" playbook commit -m "a short playbook for a test" >/dev/null || { echo "Bail out! no commit"; exit 1; }
}
# meeting UID YYYYMMDDTHHMM YYYYMMDDTHHMM TITLE: schedules/UID.ics with one event from and to those local instants. A title with
# "Kết nối thử" makes it a rehearsal of its own.
meeting() {
	cat >"$WS/schedules/$1.ics" <<X2
BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//tongduyet//test//VN
BEGIN:VEVENT
UID:$1@test
DTSTAMP:20190101T000000Z
CREATED:20190101T000000Z
DTSTART;TZID=Asia/Ho_Chi_Minh:${2}00
DTEND;TZID=Asia/Ho_Chi_Minh:${3}00
SUMMARY:$4
END:VEVENT
END:VCALENDAR
X2
}
# site REPORT ID FILTER: one value of a site's entry.
site() { jq -r --arg id "$2" ".sites[] | select(.id == \$id) | $3" "$1"; }
# moment SECONDS: until so many seconds of the scaled clock are over since it was set.
moment() { until_elapsed "$(perl -e 'print $ARGV[0] / $ARGV[1]' "$1" "$SPEED")"; }
# wait_for SECONDS COMMAND...: until it is true. PATIENCE times as many seconds of that clock, looked at now and then.
wait_for() {
	local until i
	until=$(perl -e 'print $ARGV[0] + $ARGV[1]' "$(elapsed)" $((PATIENCE * $1)))
	shift
	while :; do
		for i in 1 2 3 4 5 6 7 8 9 10; do "$@" && return 0; sleep 0.2; done
		perl -e 'exit($ARGV[0] < $ARGV[1])' "$(elapsed)" "$until" && break
	done
	"$@"
}
# exits STATUS DESCRIPTION COMMAND...: its output goes to $WS/out.
exits() {
	local want=$1 text=$2
	shift 2
	"$@" >"$WS/out" 2>&1
	local got=$?
	is "$got" "$want" "$text"
	[ "$got" = "$want" ] || sed 's/^/# /' "$WS/out"
}
