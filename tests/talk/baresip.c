/* Talks with baresip's control port, word for word as baresip 1.0.0 was recorded, and what can go
 * wrong: events between the answers, a second client, a call that ends between two questions,
 * silence, cut connections, garbage. */
#include "base/utf8.h"
#include "adapters/adapter.h"

#include "adapters/baresip.h"
#include "adapters/internal.h"
#include "base/buf.h"
#include "base/str.h"
#include "tests/talk/loopback.h"

#include <poll.h>
#include <string.h>

#define NO_CALLS "\\n--- Active calls (0) ---\\n\\n"
#define ONE_CALL \
	"\\n--- Active calls (1) ---\\n> [line 1]  0:00:09  ESTABLISHED             " \
	"sip:site02@127.0.1.2\\n\\n"
#define CALLSTAT \
	"\\n===== Call debug (ESTABLISHED) =====\\n local_uri:  <sip:site01@127.0.1.1:5060>\\n " \
	"peer_uri:   <sip:site02@127.0.1.2>\\n af=AF_INET id=5967a9b6cde074c4\\n direction: " \
	"Outgoing\\nSDP session\\n"
#define AUDIO_DEBUG(RCVD) \
	"\\n--- Audio stream ---\\n tx:   encode: PCMU 8000Hz\\/1ch ptime=20ms S16LE\\n       " \
	"source: ausine,440 S16LE\\n       time = 8.019 sec\\n rx:   decode: PCMU 8000Hz\\/1ch " \
	"S16LE\\n audio dir=sendrecv pt_enc=0\\n local: 0.0.0.0:20010, remote: " \
	"127.0.1.2:20050\\/127.0.1.2:20050\\nRTP debug:\\n Encode: seq=15888 " \
	"ssrc=0x7f9a726d\\n----- RTCP Session: -----\\n  cname=sip:site01@127.0.1.1:5060 " \
	"SSRC=0x7f9a726d\\/2140828269 rx=8000Hz\\n  member 0x7f848e64: lost=3 Jitter=1.5ms " \
	"RTT=0.0ms\\n                 IP=127.0.0.1:20050 psent=250 rcvd=" RCVD \
	"\\n  member 0x50494e47: lost=0 Jitter=0.0ms RTT=0.0ms\\n                 " \
	"IP=127.0.0.1:20050 psent=0 rcvd=1\\n  TX: packets=399, octets=64160\\n--- jitter buffer " \
	"debug---\\n running=1 min=5 cur=5 max=10 [frames]\\n seq_put=31233\\n"
#define SYSINFO \
	"\\n--- System info: ---\\n Machine:  x86_64\\/linux\\n Version:  1.0.0 (libre " \
	"v1.1.0)\\n " \
	"Uptime:   1 hour 2 mins 8 secs\\n Started:  Fri Nov 20 14:45:10 2026\\n"
#define APISTATE(MODE) \
	"{\\\"sip:site01@127.0.1.1:5060\\\":{\\\"selected_ua\\\":true,\\\"settings\\\":{" \
	"\\\"answer_mode\\\":\\\"" MODE "\\\",\\\"packet_time\\\":20}}}\\n"
#define RTCP(ID) \
	"{\"event\":true,\"type\":\"CALL_RTCP\",\"class\":\"call\",\"accountaor\":" \
	"\"sip:site01@127.0.1.1:5060\",\"direction\":\"outgoing\",\"peeruri\":" \
	"\"sip:site02@127.0.1.2\",\"id\":\"" ID "\",\"param\":\"audio\",\"rtcp_stats\":{\"tx\":{" \
	"\"sent\":250,\"lost\":3,\"jit\":1500},\"rx\":{\"sent\":250,\"lost\":7,\"jit\":2250}," \
	"\"rtt\":40600}}"
#define SDP_EVENT \
	"{\"event\":true,\"type\":\"CALL_LOCAL_SDP\",\"class\":\"other\",\"param\":\"offer\"}"

enum how { ANSWER, NOT_OK, SILENT, HANG_UP, RAW, CANCEL, OTHER_TOKEN };

struct peer_step {
	const char *expect; /* in the request */
	const char *data;   /* of the answer, as JSON text; RAW: bytes as they are */
	enum how how;
	const char *event; /* said before the answer */
};

struct peer {
	struct loopback at;
	int cancel, port;
	const struct peer_step *steps;
	size_t n, done, connections;
	struct buf log; /* all requests, in order */
	char fault[300];
};

static void
say(int fd, const char *json)
{
	struct buf out = { 0 };
	buf_printf(&out, "%zu:%s,", strlen(json), json);
	size_t half = out.n / 2; /* cut where it hurts */
	send(fd, out.at, half, MSG_NOSIGNAL);
	usleep(2000);
	send(fd, out.at + half, out.n - half, MSG_NOSIGNAL);
	buf_free(&out);
}

/* false: the connection is over. */
static bool
play(struct peer *p, int fd, const char *request)
{
	buf_printf(&p->log, "%s\n", request);
	if (p->done == p->n) {
		snprintf(p->fault, sizeof p->fault, "a request too many: %.200s", request);
		return false;
	}
	const struct peer_step *s = &p->steps[p->done++];
	const char *at = strstr(request, "\"token\":\"");
	char token[32] = "";
	if (at)
		snprintf(token, sizeof token, "%.*s", (int)strcspn(at + 9, "\""), at + 9);
	if ((!strstr(request, s->expect) || !at) && !*p->fault)
		snprintf(p->fault, sizeof p->fault, "step %zu: no %s in %.200s", p->done, s->expect,
			request);
	if (s->event)
		say(fd, s->event);
	struct buf out = { 0 };
	switch (s->how) {
	case ANSWER:
	case NOT_OK:
	case OTHER_TOKEN:
		buf_printf(&out, "{\"response\":true,\"ok\":%s,\"data\":\"%s\",\"token\":\"%s\"}",
			s->how == NOT_OK ? "false" : "true", s->data,
			s->how == OTHER_TOKEN ? "another" : token);
		say(fd, buf_str(&out));
		buf_free(&out);
		return true;
	case RAW: send(fd, s->data, strlen(s->data), MSG_NOSIGNAL); return true;
	case CANCEL: eventfd_write(p->cancel, 1); return true;
	case SILENT: return true;
	case HANG_UP: return false;
	}
	return false;
}

static void
serve(struct peer *p, int fd)
{
	struct buf in = { 0 };
	struct pollfd f[2] = { { .fd = p->at.stop, .events = POLLIN },
		{ .fd = fd, .events = POLLIN } };
	bool on = true;
	while (on && poll(f, 2, 30000) > 0 && !f[0].revents) {
		char chunk[4096];
		ssize_t k = recv(fd, chunk, sizeof chunk, 0);
		const char *text;
		size_t n, used;
		if (k <= 0)
			break;
		buf_add(&in, chunk, (size_t)k);
		while (on && baresip_take(buf_str(&in), in.n, &text, &n, &used) == BARESIP_WHOLE) {
			char *request = strndup(text, n);
			buf_drop(&in, used);
			on = play(p, fd, request);
			free(request);
		}
	}
	buf_free(&in);
	close(fd);
}

static void *
peer_main(void *of)
{
	struct peer *p = of;
	struct pollfd f[2] = { { .fd = p->at.stop, .events = POLLIN },
		{ .fd = p->at.listener, .events = POLLIN } };
	while (poll(f, 2, 30000) > 0 && !f[0].revents) {
		int fd = accept(p->at.listener, NULL, NULL);
		p->connections++;
		if (fd >= 0)
			serve(p, fd);
	}
	return NULL;
}

static void
peer_start(struct peer *p, const struct peer_step *steps, size_t n, int cancel_fd)
{
	p->cancel = cancel_fd;
	p->port = loopback_start(&p->at, peer_main, p);
}

static const char *
peer_stop(struct peer *p)
{
	loopback_stop(&p->at);
	return loopback_verdict(p->fault, sizeof p->fault, p->done, p->n);
}

static void
peer_free(struct peer *p)
{
	buf_free(&p->log);
}

#include "tests/talk/talk.h"

static const struct endpoint_adapter *const room = &baresip_adapter;
static const struct device box = {
	.name = "site:a", .adapter = "baresip", .url = "tcp://127.0.0.1:PORT"
};

static enum err
begin(struct talk *k, const struct peer_step *steps, size_t n)
{
	assert_ptr_equal(endpoint_adapter_find("baresip"), room);
	talk_begin(k, &box, &(struct peer){ .steps = steps, .n = n }, 20000);
	return room->open(&k->task, &k->lane);
}

static void
end(struct talk *k)
{
	talk_end(k, room->close);
}

#define OPENED(...) \
	TALK(__VA_ARGS__); \
	assert_int_equal(begin(&k, steps, STEPS_N), OK)

static struct endpoint_status
status(struct talk *k)
{
	struct endpoint_status st;
	if (room->status(&k->task, &k->lane, &st))
		fail_msg("%s", k->task.why);
	return st;
}

static void
idle_room(void **state)
{
	OPENED({ "\"listcalls\"", NO_CALLS, ANSWER, SDP_EVENT }, { "\"sysinfo\"", SYSINFO },
		{ "\"apistate\"", APISTATE("manual") });
	struct endpoint_status st = status(&k);
	assert_int_equal(st.in_call, NO);
	assert_int_equal(st.auto_answer, NO);
	assert_true(st.uptime_s.known);
	assert_int_equal(st.uptime_s.v, 3728);
	assert_false(st.sampled);
	assert_int_equal(st.mic_muted, UNKNOWN);
	end(&k);
}

static void
in_a_call(void **state)
{
	OPENED({ "\"listcalls\"", ONE_CALL },
		{ "\"callstat\"", CALLSTAT, ANSWER, RTCP("5967a9b6cde074c4") },
		{ "\"audio_debug\"", AUDIO_DEBUG("401") }, { "\"video_debug\"", "" },
		{ "\"sysinfo\"", SYSINFO }, { "\"apistate\"", APISTATE("auto") });
	struct endpoint_status st = status(&k);
	assert_int_equal(st.in_call, YES);
	assert_string_equal(st.far_address, "sip:site02@127.0.1.2");
	assert_int_equal(st.auto_answer, YES);
	assert_true(st.sampled);
	const struct stream *to = &st.media.s[AUDIO][TO_SITE],
			    *from = &st.media.s[AUDIO][FROM_SITE];
	assert_int_equal(to->open, YES);
	assert_true(to->packets.known);
	assert_int_equal(to->packets.v, 401); /* the keep-alive's member is not a stream */
	assert_int_equal(to->lost.v, 7);
	assert_int_equal(to->jitter_ms.v, 2);
	assert_int_equal(to->rtt_ms.v, 41);
	assert_int_equal(from->packets.v, 399);
	assert_int_equal(from->far_lost.v, 3);
	assert_false(from->far_received.known);
	assert_string_equal(from->codec, "PCMU");
	assert_int_equal(st.media.s[VIDEO][TO_SITE].open, NO);
	assert_false(st.media.s[VIDEO][TO_SITE].packets.known);
	end(&k);
}

/* Figures of another call are not this one's. */
static void
report_of_another_call(void **state)
{
	OPENED({ "\"listcalls\"", ONE_CALL }, { "\"callstat\"", CALLSTAT, ANSWER, RTCP("ffff") },
		{ "\"audio_debug\"", AUDIO_DEBUG("0") }, { "\"video_debug\"", "" },
		{ "\"sysinfo\"", SYSINFO }, { "\"apistate\"", "{broken" });
	struct endpoint_status st = status(&k);
	assert_true(st.media.s[AUDIO][TO_SITE].packets.known);
	assert_int_equal(st.media.s[AUDIO][TO_SITE].packets.v, 0);
	assert_false(st.media.s[AUDIO][TO_SITE].lost.known);
	assert_false(st.media.s[AUDIO][TO_SITE].jitter_ms.known);
	assert_int_equal(st.auto_answer, UNKNOWN);
	end(&k);
}

/* The established call counts, and is made the current one with a text. */
static void
several_calls(void **state)
{
	OPENED({ "\"listcalls\"",
		       "\\n--- Active calls (3) ---\\n  [line 1]  0:00:00   OUTGOING          "
		       "   sip:nobody@127.0.1.99\\n  [line 4]  0:00:45  ESTABLISHED        "
		       "     sip:mcu@127.0.0.10\\n> [line 9]  0:00:00    RINGING           "
		       "  sip:manual@127.0.1.51\\n\\n" },
		{ "\"params\":\"4\"", "setting current call: line 4\\n" },
		{ "\"callstat\"", CALLSTAT }, { "\"audio_debug\"", AUDIO_DEBUG("12") },
		{ "\"video_debug\"", "" }, { "\"sysinfo\"", SYSINFO },
		{ "\"apistate\"", APISTATE("auto") });
	struct endpoint_status st = status(&k);
	assert_int_equal(st.in_call, YES);
	assert_string_equal(st.far_address, "sip:mcu@127.0.0.10");
	end(&k);
}

static void
rings_only(void **state)
{
	OPENED({ "\"listcalls\"",
		       "\\n--- Active calls (1) ---\\n> [line 1]  0:00:00   INCOMING        "
		       "     sip:mcu@127.0.0.10:5060\\n\\n" },
		{ "\"sysinfo\"", SYSINFO }, { "\"apistate\"", APISTATE("manual") });
	struct endpoint_status st = status(&k);
	assert_int_equal(st.in_call, NO);
	assert_string_equal(st.far_address, "sip:mcu@127.0.0.10:5060");
	end(&k);
}

static void
call_ends_between_questions(void **state)
{
	OPENED({ "\"listcalls\"", ONE_CALL }, { "\"callstat\"", "\\n(no active calls)\\n" },
		{ "\"audio_debug\"", "command not found (audio_debug)\\n", NOT_OK },
		{ "\"video_debug\"", "command not found (video_debug)\\n", NOT_OK },
		{ "\"sysinfo\"", "command not found (sysinfo)\\n", NOT_OK },
		{ "\"apistate\"", "command not found (apistate)\\n", NOT_OK });
	struct endpoint_status st = status(&k);
	assert_false(st.sampled);
	assert_int_equal(st.media.s[AUDIO][TO_SITE].open, UNKNOWN);
	assert_int_equal(st.media.s[VIDEO][TO_SITE].open, UNKNOWN);
	assert_false(st.uptime_s.known);
	end(&k);
}

/* One control connection: a second client throws us out. What only reads is asked once more. */
static void
thrown_out(void **state)
{
	OPENED({ "\"sysinfo\"", "", HANG_UP }, { "\"sysinfo\"", SYSINFO },
		{ "\"listcalls\"", NO_CALLS }, { "\"dial\"", "", HANG_UP });
	struct identity who;
	assert_int_equal(room->probe(&k.task, &k.lane, &who), OK);
	assert_string_equal(who.software, "1.0.0");
	assert_int_equal(who.uptime_s.v, 3728);
	assert_int_equal(k.peer.connections, 2);
	/* An order is not: what became of it is not known. */
	assert_int_equal(room->dial(&k.task, &k.lane, "sip:mcu@127.0.0.10", 0), ERR_TIMEOUT);
	end(&k);
}

/* Dialled twice, a room howls. */
static void
does_not_dial_into_a_call(void **state)
{
	OPENED({ "\"listcalls\"", ONE_CALL }, { "\"listcalls\"", ONE_CALL });
	assert_int_equal(room->dial(&k.task, &k.lane, "sip:site02@127.0.1.2;transport=udp", 0), OK);
	assert_int_equal(room->dial(&k.task, &k.lane, "sip:site02@127.0.1.20", 0), ERR_BUSY);
	end(&k);
}

static void
always_thrown_out(void **state)
{
	OPENED({ "\"sysinfo\"", "", HANG_UP }, { "\"sysinfo\"", "", HANG_UP });
	struct identity who;
	assert_int_equal(room->probe(&k.task, &k.lane, &who), ERR_TIMEOUT);
	end(&k);
}

static void
mute_turns(void **state)
{
	OPENED({ "\"listcalls\"", ONE_CALL }, { "\"mute\"", "\\ncall un-muted\\n" },
		{ "\"mute\"", "\\ncall muted\\n" }, { "\"listcalls\"", ONE_CALL },
		{ "\"mute\"", "\\ncall un-muted\\n" }, { "\"listcalls\"", ONE_CALL },
		{ "\"mute\"", "\\ncall muted\\n" }, { "\"mute\"", "\\ncall muted\\n" },
		{ "\"listcalls\"", NO_CALLS });
	assert_int_equal(room->mute(&k.task, &k.lane, true), OK);
	assert_int_equal(room->mute(&k.task, &k.lane, false), OK);
	assert_int_equal(room->mute(&k.task, &k.lane, false), ERR_REFUSED);
	task_forgive(&k.task);
	assert_int_equal(room->mute(&k.task, &k.lane, true), ERR_GONE);
	end(&k);
}

static void
orders(void **state)
{
	OPENED({ "\"listcalls\"", NO_CALLS },
		{ "\"params\":\"sip:mcu@127.0.0.10:5080\"", "", ANSWER, SDP_EVENT },
		{ "\"listcalls\"", ONE_CALL }, { "\"hangup\"", "" }, { "\"listcalls\"", NO_CALLS },
		{ "\"listcalls\"", ONE_CALL }, { "\"accept\"", "Answering\\n" });
	assert_int_equal(room->dial(&k.task, &k.lane, "sip:mcu@127.0.0.10:5080", 0), OK);
	assert_int_equal(room->hangup(&k.task, &k.lane), OK);
	assert_int_equal(room->hangup(&k.task, &k.lane), ERR_GONE);
	task_forgive(&k.task);
	assert_int_equal(room->answer(&k.task, &k.lane), OK);
	assert_int_equal(room->dial(&k.task, &k.lane, "h323:10.0.0.1", 0), ERR_UNSUPPORTED);
	task_forgive(&k.task);
	assert_int_equal(room->dial(&k.task, &k.lane, "sip:a b@c", 0), ERR_INPUT);
	end(&k);
}

static void
silence(void **state)
{
	/* Malformed requests are answered with silence; so is everything when it hangs. */
	OPENED({ "\"sysinfo\"", "", SILENT });
	struct identity who;
	k.task.deadline = clock_mono() + 1500;
	assert_int_equal(room->probe(&k.task, &k.lane, &who), ERR_TIMEOUT);
	end(&k);
}

static void
canceled(void **state)
{
	OPENED({ "\"listcalls\"", NO_CALLS }, { "\"dial\"", "", CANCEL });
	int64_t before = clock_mono();
	assert_int_equal(room->dial(&k.task, &k.lane, "sip:mcu@127.0.0.10", 0), ERR_CANCELED);
	assert_true(clock_mono() - before < 2000);
	end(&k);
}

static void
garbage(void **state)
{
	static const char *const bytes[] = { "SSH-2.0-OpenSSH_9.2\r\n", "9999999:x", "3:abc;",
		"4:{]}x,", "999999:", "2:{x," };
	for (size_t i = 0; i < sizeof bytes / sizeof *bytes; i++) {
		const struct peer_step steps[] = { { "\"sysinfo\"", bytes[i], RAW } };
		struct talk k;
		struct identity who;
		assert_int_equal(begin(&k, steps, STEPS_N), OK);
		k.task.deadline = clock_mono() + 2000;
		assert_int_equal(room->probe(&k.task, &k.lane, &who), ERR_PROTOCOL);
		end(&k);
	}
}

static void
a_list_that_is_none(void **state)
{
	OPENED({ "\"listcalls\"", "hello" });
	struct endpoint_status st;
	assert_int_equal(room->status(&k.task, &k.lane, &st), ERR_PROTOCOL);
	end(&k);
}

/* An answer that belongs to another question, and events, are passed over. */
static void
strays(void **state)
{
	OPENED({ "\"sysinfo\"", "wrong", OTHER_TOKEN });
	struct identity who;
	k.task.deadline = clock_mono() + 1500;
	assert_int_equal(room->probe(&k.task, &k.lane, &who), ERR_TIMEOUT);
	end(&k);
}

static void
addresses(void **state)
{
	static const struct {
		const char *url;
		enum err want;
	} cases[] = { { "http://127.0.0.1:1/", ERR_UNSUPPORTED }, { NULL, ERR_UNSUPPORTED },
		{ "tcp://", ERR_INPUT }, { "tcp://127.0.0.1:0", ERR_INPUT },
		{ "tcp://127.0.0.1:x", ERR_INPUT }, { "tcp://[::1", ERR_INPUT },
		{ "tcp://127.0.0.1:1", ERR_UNREACHABLE }, { "tcp://[::1]:1", ERR_UNREACHABLE } };
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct device d = { .name = "site:a", .adapter = "baresip", .url = cases[i].url };
		struct lane l = { .device = &d, .arena = arena_new() };
		struct task t = {
			.arena = arena_new(), .cancel_fd = -1, .deadline = clock_mono() + 2000
		};
		assert_int_equal(baresip_adapter.open(&t, &l), cases[i].want);
		assert_null(l.session);
		arena_free(l.arena);
		arena_free(t.arena);
	}
}

/* Fields are cut between letters; a counter below zero is none. */
static void
hostile_texts(void **unused)
{
	char text[400] = " id=x", id[64];
	struct stream streams[DIRECTIONS_N];
	for (int i = 0; i < 80; i++)
		memcpy(text + 5 + 3 * i, "\xe1\xbb\x87", 4);
	assert_true(baresip_call_id(text, id, sizeof id));
	assert_true(utf8_valid(id, strlen(id)));
	assert_int_equal(strlen(id), 61); /* x and twenty letters of three bytes */
	assert_false(baresip_debug("TX: packets=-5\n", streams));
	assert_false(streams[FROM_SITE].packets.known);
}

static void
texts(void **state)
{
	static const struct {
		const char *text;
		bool known;
		int64_t s;
	} times[] = { { " Uptime:   8 secs\n", true, 8 }, { "Uptime: 1 min 1 sec", true, 61 },
		{ "x\n Uptime:  3 days 4 hours 5 mins 6 secs\n", true, 273906 },
		{ "Uptime: 2 hours, 1 min", true, 7260 }, { "Uptime: soon", false, 0 },
		{ "", false, 0 } };
	for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
		int64_t s = -1;
		assert_int_equal(baresip_uptime(times[i].text, &s), times[i].known);
		if (times[i].known)
			assert_int_equal(s, times[i].s);
	}
	static const struct {
		const char *state, *mode;
		enum tri up, answers;
	} words[] = { { "ESTABLISHED", "auto", YES, YES }, { "RINGING", "manual", NO, NO },
		{ "TERMINATED", "early", NO, NO }, { "TRANSFER", "sleepy", UNKNOWN, UNKNOWN },
		{ "???", "", UNKNOWN, UNKNOWN } };
	struct arena *a = arena_new();
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		struct baresip_calls calls;
		assert_true(baresip_calls(
			arena_printf(a,
				"--- Active calls (1) ---\n> [line 1]  0:00:05  %s  sip:b@c\n",
				words[i].state),
			&calls));
		assert_int_equal(calls.up, words[i].up);
		assert_int_equal(baresip_auto_answer(
					 a, arena_printf(a,
						    "{\"sip:a@b\":{\"settings\":{\"answer_mode\":"
						    "\"%s\"}}}",
						    words[i].mode)),
			words[i].answers);
	}
	const struct json *event;
	enum medium m;
	struct baresip_report r;
	static const char other[] = "{\"event\":true,\"type\":\"CALL_RTCP\",\"id\":\"1\","
				    "\"param\":\"bfcp\",\"rtcp_stats\":{\"rtt\":1}}";
	assert_int_equal(json_parse(a, other, sizeof other - 1, &event, NULL), OK);
	assert_false(baresip_event(event, &m, &r)); /* neither sound nor picture */
	arena_free(a);
	struct stream st[DIRECTIONS_N];
	assert_false(baresip_debug("", st));
	assert_true(baresip_debug(" audio dir=sendonly pt_enc=0\n  TX: packets=9, octets=1\n", st));
	assert_int_equal(st[TO_SITE].open, NO);
	assert_int_equal(st[FROM_SITE].open, YES);
	/* In a call and nobody was heard: nothing came, and that is known. */
	assert_true(st[TO_SITE].packets.known);
	assert_int_equal(st[TO_SITE].packets.v, 0);
	/* A far end that began anew. */
	assert_true(baresip_debug("member 0x1: lost=1\n IP=1 psent=0 rcvd=5\nmember 0x2: lost=2\n "
				  "IP=1 psent=0 rcvd=6\n",
		st));
	assert_int_equal(st[TO_SITE].packets.v, 11);
	assert_int_equal(st[FROM_SITE].far_lost.v, 3);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(idle_room),
		cmocka_unit_test(in_a_call),
		cmocka_unit_test(report_of_another_call),
		cmocka_unit_test(several_calls),
		cmocka_unit_test(rings_only),
		cmocka_unit_test(call_ends_between_questions),
		cmocka_unit_test(thrown_out),
		cmocka_unit_test(does_not_dial_into_a_call),
		cmocka_unit_test(always_thrown_out),
		cmocka_unit_test(mute_turns),
		cmocka_unit_test(orders),
		cmocka_unit_test(silence),
		cmocka_unit_test(canceled),
		cmocka_unit_test(garbage),
		cmocka_unit_test(a_list_that_is_none),
		cmocka_unit_test(strays),
		cmocka_unit_test(addresses),
		cmocka_unit_test(texts),
		cmocka_unit_test(hostile_texts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
