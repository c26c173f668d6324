# Shared by 60-rules-cisco and 61-rules-freeswitch: every rule of tests/lab/rules in one run of the daemon on one MCU protocol.
# Sourced, not run. What a rule file may say beside its scenario stands in tests/lab/rules/README.md.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
SPEED=20
RULES=tests/lab/rules
SHARED=3 # MCUs that rules without wishes of their own share: their sites do not touch each other

# said FILE KEY: what a file says behind "# KEY:" or "# KEY PROTOCOL:", one per line.
said() { sed -n "s/^# $2\( $PROTOCOL\)\{0,1\}: *//p" "$RULES/$1.lab"; }
# mcu_line K EXTRA...
mcu_line() {
	local k=$1
	shift
	case $PROTOCOL in
	cisco-mcu) echo "mcu m$k cisco-mcu https://127.10.0.$k:8443 latency 2ms $*" ;;
	freeswitch) echo "mcu m$k freeswitch http://127.10.0.$k:8080 esl 127.10.0.$k:8021 profile lab latency 1ms $*" ;;
	esac
}
# Puts all rules into one scenario. Fills MCU[rule], WHEN[rule], IDS[rule].
declare -A MCU SECOND WHEN IDS
rules_merge() {
	local next=$SHARED shared=0 k rule extra second
	echo "lab rules-$PROTOCOL"
	for ((k = 1; k <= SHARED; k++)); do mcu_line $k; done
	for rule in "${rules[@]}"; do
		extra=$(sed -n 's/^mcu mcu [^ ]* [^ ]* *//p' "$RULES/$rule.lab") # own: only that, an MCU for itself
		WHEN[$rule]=$(said "$rule" when)
		if [ -n "$extra${WHEN[$rule]}" ]; then
			k=$((++next))
			[ "$extra" != own ] || extra=
			mcu_line $k "$extra"
		else
			k=$((shared++ % SHARED + 1))
		fi
		MCU[$rule]=m$k
		second=
		if grep -q '^mcu second ' "$RULES/$rule.lab"; then
			mcu_line $((++next)) "$(sed -n 's/^mcu second [^ ]* [^ ]* *//p' "$RULES/$rule.lab")"
			second=m$next
		fi
		SECOND[$rule]=$second
		sed -n "s/^site \([^ ]*\) \(.*\)/site $rule-\1 \2 mcu m$k/p" "$RULES/$rule.lab" | sed "s/ mcu2 second/ mcu2 $second/"
		IDS[$rule]=$(sed -n "s/^site \([^ ]*\) .*/$rule-\1/p" "$RULES/$rule.lab" | grep -vxF "$(said "$rule" uninvited | sed "s/^/$rule-/")" | paste -sd, -)
	done
}
# playbook NAME DIAL ALLCLEAR [ROLLCALL]
rules_playbook() {
	cat >"$WS/playbooks/$1.xml" <<X
<?xml version="1.0" encoding="UTF-8"?>
<playbook name="$1" title="Tổng duyệt theo luật" phase="rehearsal" anchor="event">
	<open at="PT0S" muted="yes"/>
	<dial at="$2" attempts="2" every="PT30S" probe-every="PT30S" fallback="second-address second-mcu"/>
	${4:-<verify at=\"PT2M\" within=\"PT3M\"/>
	<watch at=\"PT5M\" redial=\"yes\" until=\"allclear\"/>
	<rollcall at=\"PT6M\" answer-within=\"PT20S\" calls=\"1\"/>}
	<allclear at="PT12M" $3/>
	<close at="PT17M"/>
	<report at="PT19M"/>
</playbook>
X
}
# Workspace, playbooks, networks, one calendar for the rules that meet in one event and one for each that has its own.
rules_prepare() {
	local rule ids=() line edit
	# shellcheck disable=SC2153
	mkdir -p "$BUILD/e2e"
	rules_merge >"$BUILD/e2e/$NAME.lab"
	workspace "$NAME" "$BUILD/e2e/$NAME.lab" --shift "$SHIFT"
	rules_playbook luat PT0S 'by="rule" latest="PT13M"'
	rules_playbook luat-tay PT0S 'by="operator" latest="PT13M"'
	rules_playbook luat-muon PT10M 'by="rule" latest="PT13M"' '<watch at="PT11M" redial="yes" until="allclear"/>'
	rules_playbook luat-goi PT0S 'by="rule" latest="PT13M"' '<verify at="PT2M" within="PT3M"/>
	<rollcall at="PT6M" answer-within="PT20S" calls="1"/>
	<mute at="PT6M35S" value="on"/>
	<watch at="PT6M40S" redial="yes" until="allclear"/>'
	cat >"$WS/playbooks/profile.xml" <<'X'
<?xml version="1.0" encoding="UTF-8"?>
<profile>
	<class name="toi-thieu" min-kbps="512" min-width="1280" min-height="720" video="yes"/>
	<class name="lon" min-kbps="512" min-width="1920" min-height="1080" video="yes"/>
</profile>
X
	rules_playbook luat-am PT0S 'by="rule" latest="PT13M"' '<verify at="PT2M" within="PT3M" sound="yes"/>
	<watch at="PT5M" redial="yes" until="allclear"/>
	<rollcall at="PT6M" answer-within="PT40S" calls="1"/>'
	rules_playbook luat-im PT0S 'by="rule" latest="PT13M"' '<verify at="PT2M" within="PT3M"/>
	<watch at="PT5M" redial="yes" until="allclear"/>
	<rollcall at="PT6M" silent="yes" answer-within="PT20S" calls="1"/>
	<mute at="PT6M55S" value="on"/>'
	"$TD" --workspace "$WS" playbook commit -m "rules" >/dev/null || { echo "Bail out! no commit"; exit 1; }
	for rule in "${rules[@]}"; do
		while read -r line; do
			set -- $line
			sed -i "s|^</tongduyet>|\t<network name=\"$1\" cidr=\"$2\" tiers=\"$3\"/>\n</tongduyet>|" "$WS/tongduyet.xml"
		done < <(said "$rule" network)
		while read -r edit; do sed -i "/<mcu name=\"${MCU[$rule]}\"/{$edit}" "$WS/tongduyet.xml"; done < <(said "$rule" config)
		[ -n "${WHEN[$rule]}" ] || { ids+=("${IDS[$rule]}"); continue; }
		rules_event "$rule" "${WHEN[$rule]}"
	done
	sed -i "/<calendar id=\"lich\"/{s/playbook=\"tong-duyet\"/playbook=\"luat\"/;s/sites=\"all\"/sites=\"$(IFS=,; echo "${ids[*]}")\"/}" "$WS/tongduyet.xml"
	meeting chung 20190210T0700 20190210T0730 "Kết nối thử"
}
rules_event() { # RULE KIND
	local book=luat from=0700 to=0730
	case $2 in
	by-operator) book=luat-tay ;;
	late-dial) book=luat-muon ;;
	short-roll) book=luat-goi ;;
	by-sound) book=luat-am ;;
	silent) book=luat-im ;;
	missed) from=0610 to=0625 ;;
	short-notice) ;;
	*) echo "Bail out! $1: no such kind of event: $2"; exit 1 ;;
	esac
	sed -i "s|^</tongduyet>|\t<calendar id=\"$1\" folder=\"schedules/$1\" playbook=\"$book\" sites=\"${IDS[$1]}\"/>\n</tongduyet>|" "$WS/tongduyet.xml"
	mkdir -p "$WS/schedules/$1"
	meeting "$1/$1" 20190210T$from 20190210T$to "Kết nối thử"
	[ "$2" != short-notice ] || sed -i 's/^CREATED:.*/CREATED:20190210T000040Z/' "$WS/schedules/$1/$1.ics"
}
# at +MINUTESm: waits until that long after 07:00.
at() {
	local minutes=${1#+}
	moment "$(perl -e 'print 20 + 60 * $ARGV[0]' "${minutes%m}")"
}
# What people do, in order of time: "# do: +8m VERB RUN ...", with @SITE for a site of the rule.
rules_act() {
	declare -A run
	local rule when words
	at 1
	"$TD" --workspace "$WS" status --json >"$WS/status.json"
	for rule in "${rules[@]}"; do
		run[$rule]=$(jq -r --arg id "${IDS[$rule]%%,*}" '.runs[] | select([.sites[].id] | index($id)) | .run' "$WS/status.json" | head -1)
	done
	while read -r when rule words; do
		at "$when"
		words=${words//RUN/${run[$rule]}}
		words=${words//MCU/${MCU[$rule]}}
		# shellcheck disable=SC2086
		"$TD" --workspace "$WS" ${words//@/$rule-} >"$WS/out" 2>&1
		ok $? "$rule: $words"
	done < <(for rule in "${rules[@]}"; do said "$rule" do | sed "s/^\(+[0-9]*m\) /\1 $rule /"; done | sort -s -n -t+ -k2)
}
# One line of the report against one line of expectation: HEADLINE SUB_REASON FLAGS... with * for anything, a|b for either,
# a flag with ? for "perhaps". called-without-sound is said only where it is the rule.
rules_expect() { # RULE SITE HEADLINE SUB FLAGS...
	local rule=$1 site=$2 headline=$3 sub=$4 got flags=() flag want
	shift 4
	got=$(jq -r --arg id "$rule-$site" '.[] | select(.id == $id) | "\(.headline) \(if (.sub_reason // "") == "" then "-" else .sub_reason end) \(.flags | sort | join(" "))"' "$WS/sites.json")
	want="$headline $sub $(printf '%s\n' "$@" | sort | paste -sd' ' -)"
	# shellcheck disable=SC2086
	set -- ${got:-not reported}
	local ok=0
	[[ $1 =~ ^(${headline//\*/.*})$ ]] || ok=1
	[ "$sub" = '*' ] || [ "$2" = "$sub" ] || ok=1
	shift 2
	flags=("$@")
	for flag in $(said_flags "$want"); do
		case $flag in *\?) ;; *) [[ " ${flags[*]} " == *" $flag "* ]] || ok=1 ;; esac
	done
	for flag in "${flags[@]}"; do
		[ "$flag" = called-without-sound ] || [[ " $want " == *" $flag "* || " $want " == *" $flag? "* ]] || ok=1
	done
	ok $ok "$rule: $site is $want"
	[ $ok = 0 ] || echo "# got: $got"
}
said_flags() { # HEADLINE SUB FLAGS...
	# shellcheck disable=SC2086
	set -- $1
	[ $# -le 2 ] || printf '%s\n' "${@:3}"
}
rules_check() {
	local rule site rest filter reason folder
	# Every entry of every report, with its whole report beside it.
	for folder in "$WS"/reports/*; do # its newest revision
		find "$folder" \( -name report.json -o -name 'report.r[0-9]*.json' \) ! -name '*.signed.json' | sort -V | tail -1
	done | xargs jq -c '. as $r | .sites[] | . + {r: ($r | {run, lists, counts, extras})}' | jq -s . >"$WS/sites.json"
	set -f # "*" is a word here
	for rule in "${rules[@]}"; do
		# shellcheck disable=SC2086
		while read -r site rest; do rules_expect "$rule" "$site" $rest; done < <(said "$rule" expect | sed 's/$/ /')
		while read -r site filter; do
			jq -e --arg id "$rule-$site" --arg mcu "${MCU[$rule]}" --arg second "${SECOND[$rule]}" '.[] | select(.id == $id) | .r as $r | '"$filter" "$WS/sites.json" >/dev/null 2>"$WS/jq.err"
			local status=$?
			ok $status "$rule: $site: $filter"
			[ $status = 0 ] || jq -c --arg id "$rule-$site" '.[] | select(.id == $id) | del(.checklist, .r.lists, .r.counts)' "$WS/sites.json" | sed 's/^/# /'
		done < <(said "$rule" true)
		while read -r filter; do
			jq -se --arg mcu "${MCU[$rule]}" --arg rule "$rule" "map(select(.device == \$mcu)) | $filter" "$WS/lab/log" >/dev/null 2>"$WS/jq.err"
			ok $? "$rule: the device saw $filter"
		done < <(said "$rule" saw)
		reason=$(said "$rule" 'skip flag')
		[ -z "$reason" ] || ok 0 "$rule: the flag # SKIP $reason"
	done
}
# What people settled after the end is a revision of its own, soon after the first one.
no_new_revision() { [ -z "$(find "$WS/reports" -name 'report*.json' -newermt '-3 seconds')" ]; }
# rules_run PROTOCOL SHIFT
rules_run() {
	PROTOCOL=$1 SHIFT=$2 NAME=rules-$1
	local all rule reason separate=0 f
	rules=()
	for f in ${ONLY:+${ONLY[@]/#/$RULES/}} $( [ -n "${ONLY:-}" ] || ls $RULES/*.lab); do
		rule=$(basename "$f" .lab)
		reason=$(said "$rule" skip)
		if [ -n "$reason" ]; then
			ok 0 "$rule: $(said "$rule" expect | head -1) # SKIP $reason"
		else
			rules+=("$rule")
		fi
	done
	rules_prepare
	for rule in "${rules[@]}"; do [ -z "${WHEN[$rule]}" ] || separate=$((separate + 1)); done
	clock 2019-02-10T06:59:40+07:00
	lab_start
	daemon_start
	rules_act
	at 19
	wait_reports $((separate + 1)) 60
	ok $? "the reports of $((separate + 1)) rehearsals are written"
	wait_for 20 no_new_revision
	rules_check
	# What is said is what is in the journal.
	for f in $(jq -r '[.[].r.run.id] | unique | .[]' "$WS/sites.json"); do
		"$TD" --workspace "$WS" replay "$f" >"$WS/out" 2>&1
		ok $? "replay of $f agrees"
		"$TD" --workspace "$WS" verify "$f" >"$WS/out" 2>&1
		ok $? "the chain of $f is whole"
	done
	is "$(jq -rs '[.[] | select(.event == "dial" and .why == "already in a call")] | length' "$WS/lab/log")" 0 "nobody was ever dialled twice at a time"
	end_tests
}
