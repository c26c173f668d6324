# Shared by the tests with real media: sites are baresip (real SIP, RTP and RTCP), the MCU is build/mixer, or with
# BRIDGE=freeswitch a real FreeSWITCH where one is installed: the program `freeswitch` in PATH, or whatever the variable
# FREESWITCH names, with mod_sofia, mod_conference, mod_commands, mod_dptools, mod_dialplan_xml, mod_tone_stream,
# mod_sndfile, mod_xml_rpc and mod_event_socket; or with BRIDGE=asterisk a real Asterisk, `asterisk` in PATH or named by
# ASTERISK, with chan_pjsip, ARI, talk detection and tones. All of it runs in a network namespace of its own, so that packets can be
# dropped by rule. Needs root. Sourced, not run: the test says REAL=its own name before, and SITES after it.
set -uo pipefail
export LC_ALL=C PATH=$PATH:/usr/sbin:/sbin
BRIDGE=${BRIDGE:-mixer}
skip() {
	echo "1..0 # SKIP $1"
	exit 0
}

# ---- outside: the namespace -------------------------------------------------------------------------------------------
if [ -z "${REAL_MEDIA_INSIDE:-}" ]; then
	cd "$(dirname "$0")/../.." || exit 1
	modules=
	for d in /usr/lib/baresip/modules /usr/lib/*/baresip/modules; do [ ! -e "$d/ausine.so" ] || modules=$d; done
	command -v baresip > /dev/null && [ -n "$modules" ] || skip "not installed: baresip"
	for tool in ip jq curl od awk; do command -v $tool > /dev/null || skip "not installed: $tool"; done
	if [ "$BRIDGE" = freeswitch ]; then
		FREESWITCH=$(command -v "${FREESWITCH:-freeswitch}") || skip "not installed: freeswitch (neither in PATH nor named by FREESWITCH)"
		export FREESWITCH
	elif [ "$BRIDGE" = asterisk ]; then
		ASTERISK=$(command -v "${ASTERISK:-asterisk}") || skip "not installed: asterisk (neither in PATH nor named by ASTERISK)"
		export ASTERISK
	fi
	[ "$(id -u)" = 0 ] || skip "not root"
	[ "$BRIDGE" != mixer ] || [ -x "${BUILD:-build}/mixer" ] || make -s "${BUILD:-build}/mixer" > /dev/null ||
		skip "${BUILD:-build}/mixer is not built"
	space=tongduyet-$$
	ip netns add $space 2> /dev/null || skip "no network namespace can be made here"
	trap 'ip netns pids $space | xargs -r kill -9 2> /dev/null; ip netns del $space' EXIT
	trap 'exit 1' INT TERM
	ip -n $space link set lo up
	filter=
	for f in iptables-legacy iptables iptables-nft; do
		command -v $f > /dev/null && ip netns exec $space $f -A INPUT -p udp --sport 9 -m statistic \
			--mode random --probability 0.5 -j DROP 2> /dev/null && filter=$f && break
	done
	[ -n "$filter" ] || skip "no packet filter works here"
	export REAL_MEDIA_INSIDE=$space MODULES=$modules FILTER=$filter BRIDGE
	ip netns exec $space "$PWD/tests/interop/$REAL"
	exit
fi

# ---- inside -------------------------------------------------------------------------------------------------------------
. "$(dirname "$0")/../e2e/lib.sh"
SPEED=1
PASSWORD=real-$$
WS=$PWD/$BUILD/e2e/$REAL-$BRIDGE

number() { local n=1 s; for s in $SITES; do [ "$s" = "$1" ] && echo $n; n=$((n + 1)); done; }
tone() { echo $((300 + 130 * $(number "$1"))); }
first_port() { echo $((20000 + 40 * $(number "$1"))); }
ports() { echo "$(first_port "$1"):$(($(first_port "$1") + 39))"; }

declare -A SOURCE=() CALLS=() RECORDED=() ANSWER=() # of a site, where it is not like the others
make_site() { # ID
	local n=$(number "$1") dir=$WS/sites/$1 source=${SOURCE[$1]:-ausine,$(tone "$1")}
	mkdir -p "$dir/sound"
	cat > "$dir/config" << X
sip_listen 127.0.1.$n:5060
net_interface 127.0.1.$n
audio_source $source
audio_player aubridge,none
ausrc_srate 48000
ausrc_channels 2
auplay_srate 8000
auplay_channels 1
rtp_ports $(first_port "$1")-$(($(first_port "$1") + 38))
rtcp_mux yes
rtp_timeout 0
call_max_calls ${CALLS[$1]:-2}
statmode_default off
module_path $MODULES
module g711.so
module aubridge.so
module ausine.so
$([ -z "${RECORDED[$1]:-}" ] || echo "module sndfile.so")
snd_path $dir/sound
module_tmp account.so
module_app menu.so
module_app ctrl_tcp.so
module_app debug_cmd.so
ctrl_tcp_listen 127.0.1.$n:4444
X
	echo "<sip:$1@127.0.1.$n:5060>;regint=0;answermode=${ANSWER[$1]:-auto};audio_codecs=PCMU/8000/1,PCMA/8000/1" > "$dir/accounts"
	: > "$dir/contacts"
}
switch_on() { # ID
	baresip -4 -f "$WS/sites/$1" < /dev/null >> "$WS/sites/$1/log" 2>&1 &
	pids+=($!)
	echo $! > "$WS/sites/$1/pid"
	disown
}
pull_the_plug() { kill -9 "$(cat "$WS/sites/$1/pid")"; }
listens() { (exec 3<> "/dev/tcp/$1/$2") 2> /dev/null; }
# A command on a site's control port, as somebody in the room gives it; the daemon's own connection is thrown out by it.
press() { # ID COMMAND [PARAMS]
	local fd json="{\"command\":\"$2\",${3:+\"params\":\"$3\",}\"token\":\"room\"}"
	exec {fd}<> "/dev/tcp/127.0.1.$(number "$1")/4444" || return 1
	printf '%d:%s,' ${#json} "$json" >&"$fd"
	timeout 2 head -c 40 <&"$fd" > /dev/null
	exec {fd}>&-
}

# ---- the bridges ----------------------------------------------------------------------------------------------------------
start_mixer() {
	local mcu
	for mcu in 127.0.0.1 127.0.0.2; do
		"$BUILD/mixer" --ip "$mcu" --sip 5080 --http 8080 --esl 8021 --user lab --password "$PASSWORD" \
			--log "$WS/mixer-$mcu.log" >> "$WS/bridge.out" 2>&1 &
		[ $mcu != 127.0.0.1 ] || bridge_pid=$!
		pids+=($!)
		disown
	done
	APIS="127.0.0.1 127.0.0.2"
	SECOND=127.0.0.2
}
start_freeswitch() {
	mkdir -p "$WS"/fs/{conf,log,db,run}
	freeswitch_config > "$WS/fs/conf/freeswitch.xml"
	"$FREESWITCH" -nonat -nf -nc -conf "$WS/fs/conf" -log "$WS/fs/log" -db "$WS/fs/db" -run "$WS/fs/run" >> "$WS/bridge.out" 2>&1 &
	bridge_pid=$!
	pids+=($!)
	disown
	APIS=127.0.0.1
	SECOND=127.0.0.1 # the same one, as two MCUs
}
freeswitch_config() {
	cat << X
<?xml version="1.0"?>
<document type="freeswitch/xml">
<section name="configuration">
 <configuration name="modules.conf"><modules>$(for m in sofia conference commands dptools dialplan_xml tone_stream sndfile \
		xml_rpc event_socket; do echo "<load module=\"mod_$m\"/>"; done)</modules></configuration>
 <configuration name="switch.conf"><settings><param name="rtp-start-port" value="40000"/><param name="rtp-end-port" value="41998"/>
  <param name="sessions-per-second" value="100"/></settings></configuration>
 <configuration name="xml_rpc.conf"><settings><param name="http-port" value="8080"/><param name="auth-realm" value="freeswitch"/>
  <param name="auth-user" value="lab"/><param name="auth-pass" value="$PASSWORD"/></settings></configuration>
 <configuration name="event_socket.conf"><settings><param name="listen-ip" value="127.0.0.1"/>
  <param name="listen-port" value="8021"/><param name="password" value="$PASSWORD"/></settings></configuration>
 <configuration name="conference.conf"><profiles><profile name="default"><param name="rate" value="8000"/>
  <param name="interval" value="20"/><param name="energy-level" value="100"/><param name="comfort-noise" value="false"/>
 </profile></profiles></configuration>
 <configuration name="sofia.conf"><profiles>
  <profile name="lab"><settings><param name="sip-ip" value="127.0.0.1"/><param name="rtp-ip" value="127.0.0.1"/>
   <param name="sip-port" value="5080"/><param name="dialplan" value="XML"/><param name="context" value="default"/>
   <param name="auth-calls" value="false"/><param name="inbound-codec-prefs" value="PCMU,PCMA"/>
   <param name="outbound-codec-prefs" value="PCMU,PCMA"/><param name="rtp-timer-name" value="soft"/>
  </settings></profile></profiles></configuration>
</section>
<section name="dialplan"><context name="default"><extension name="any"><condition field="destination_number" expression="^(.*)$">
 <action application="answer"/><action application="conference" data="\$1@default"/></condition></extension></context></section>
<section name="directory"><domain name="127.0.0.1"/></section>
</document>
X
}
start_asterisk() {
	local e=$WS/ast/etc
	mkdir -p "$WS"/ast/{etc,db,run,log,spool}
	printf '[directories]\nastetcdir => %s\nastdbdir => %s\nastkeydir => %s\nastspooldir => %s\nastrundir => %s\nastlogdir => %s\n' \
		"$e" "$WS/ast/db" "$WS/ast/db" "$WS/ast/spool" "$WS/ast/run" "$WS/ast/log" > "$e/asterisk.conf"
	printf '[modules]\nautoload=yes\n' > "$e/modules.conf"
	printf '[logfiles]\nfull => notice,warning,error\n' > "$e/logger.conf"
	printf '[general]\nenabled=yes\nbindaddr=127.0.0.1\nbindport=8088\n' > "$e/http.conf"
	printf '[general]\nenabled=yes\n[lab]\ntype=user\npassword=%s\n' "$PASSWORD" > "$e/ari.conf"
	printf '[general]\nrtpstart=42000\nrtpend=42998\n' > "$e/rtp.conf"
	printf '[lo]\ntype=transport\nprotocol=udp\nbind=127.0.0.1:5080\n' > "$e/pjsip.conf"
	printf '[%s]\ntype=endpoint\ntransport=lo\ncontext=in\ndisallow=all\nallow=ulaw,alaw\ndirect_media=no\nrtp_timeout=%s\n' \
		sites 0 mau 15 >> "$e/pjsip.conf"
	printf '[sites-id]\ntype=identify\nendpoint=sites\nmatch=127.0.0.0/8\n' >> "$e/pjsip.conf"
	printf '[in]\nexten => _.,1,Stasis(tongduyet,${EXTEN})\n' > "$e/extensions.conf"
	"$ASTERISK" -f -C "$e/asterisk.conf" >> "$WS/bridge.out" 2>&1 &
	bridge_pid=$!
	pids+=($!)
	disown
	APIS=127.0.0.1
}
ari() { curl -s -m 10 -u "lab:$PASSWORD" -X "$1" "http://127.0.0.1:8088/ari/$2"; }
api_of() { # HOST COMMAND ARGUMENTS
	curl -s -m 10 -u "lab:$PASSWORD" -H 'Content-Type: text/xml' "http://$1:8080/RPC2" --data "<?xml version=\"1.0\"?><methodCall>
<methodName>freeswitch.api</methodName><params><param><value><string>$2</string></value></param><param><value><string>$3</string></value>
</param></params></methodCall>"
}
api() { api_of 127.0.0.1 "$@"; }
members() {
	[ "$BRIDGE" != asterisk ] || { ari GET bridges | jq '[.[].channels[]] | length'; return; }
	for a in $APIS; do api_of "$a" show 'channels as json' | grep -o '"callstate":"ACTIVE"'; done | wc -l
}
has_members() { [ "$(members)" = "$1" ]; }
is_member() { # SITE
	[ "$BRIDGE" != asterisk ] || { [[ $(ari GET bridges | jq -r '.[].channels[]') == *-$1* ]]; return; }
	[ -n "$(member_line "$room" "$1")" ]
}
# "ID ..." of that site's line in the list of a conference
member_line() { api conference "$1 list" | grep -F "/$2@" | sed 's/.*<string>//; s/;/ /g'; }
mcu_element() { # NAME [OPTIONS of the url]
	[ "$BRIDGE" != asterisk ] || { echo "<mcu name=\"$1\" adapter=\"asterisk\" url=\"http://127.0.0.1:8088/\" secret=\"cau\" width=\"1\" ports=\"40\"/>"; return; }
	echo "<mcu name=\"$1\" adapter=\"freeswitch\" url=\"http://127.0.0.1:8080/?esl=8021&amp;profile=lab${2:-}\" secret=\"cau\" width=\"1\" ports=\"40\"/>"
}
# The same, and a silent leg is given up after 15 s.
impatient_mcu() { # NAME
	case $BRIDGE in
	asterisk) mcu_element "$1" | sed 's#8088/#8088/?app=mau\&amp;endpoint=mau#' ;;
	*) mcu_element "$1" "&amp;media-timeout=15" | sed "s/127.0.0.1/$SECOND/" ;;
	esac
}
room_name() {
	[ "$BRIDGE" != asterisk ] || { ari GET bridges | jq -r '.[0].id'; return; }
	api conference json_list | sed -n 's/.*"conference_name":[^"]*"\([^"]*\)".*/\1/p' | head -1
}
bridge_answers() { # HOST
	[ "$BRIDGE" != asterisk ] || { [[ $(ari GET asterisk/ping) == *pong* ]]; return; }
	listens "$1" 8080 && listens "$1" 8021
}
# Starts the bridge and waits for it.
bridge_start() {
	local a
	start_$BRIDGE
	for a in $APIS; do wait_for 20 bridge_answers "$a" || { echo "Bail out! no $BRIDGE"; cat "$WS/bridge.out"; exit 1; }; done
}
# A fresh workspace, its sites made; nothing is switched on.
real_workspace() {
	local s
	rm -rf "$WS"
	mkdir -p "$(dirname "$WS")"
	"$TD" init "$WS" > /dev/null || { echo "Bail out! init failed"; exit 1; }
	rm -f "$WS"/schedules/*.ics
	mkdir -p "$WS/sites"
	for s in $SITES; do make_site "$s"; done
	cat > "$WS/secrets.xml" << X
<?xml version="1.0" encoding="UTF-8"?>
<secrets><secret name="cau" user="lab" password="$PASSWORD"/></secrets>
X
	chmod 600 "$WS/secrets.xml"
}
