/* The probe's pure part: our SIP OPTIONS and what comes back, bytes in, nouns out; talks and the
 * fuzzer call these. */
#ifndef TD_ADAPTERS_PROBE_H
#define TD_ADAPTERS_PROBE_H

#include "adapters/adapter.h"
#include "base/buf.h"

struct sip_way {	       /* of one question */
	const char *transport; /* "UDP" "TCP" */
	const char *host;      /* the device's, an IPv6 address in brackets */
	int port;
	const char *local_host; /* ours, the same way */
	int local_port;
	const char *word; /* ours for this question: letters and digits */
};

struct sip_answer {
	int status;	 /* 100 to 699 */
	char agent[160]; /* Server, else User-Agent; valid UTF-8 */
};

void sip_options(struct buf *out, const struct sip_way *w);
/* An answer to the question with that word. false: something else, or not whole yet. */
bool sip_read(
	struct arena *a, const char *bytes, size_t n, const char *word, struct sip_answer *out);
/* "AVer, EVC130 00.01.12.81", "baresip v1.0.0 (x86_64/linux)": maker, model and software as far as
 * they can be told apart. */
void sip_agent(const char *agent, struct identity *out);

#endif
