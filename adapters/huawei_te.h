/* Huawei TE, CloudLink Box and Bar, IdeaHub: what is pure, JSON in strings in JSON in, nouns out;
 * talks and the fuzzer call these with any bytes. */
#ifndef TD_ADAPTERS_HUAWEI_TE_H
#define TD_ADAPTERS_HUAWEI_TE_H

#include "adapters/adapter.h"
#include "adapters/wire/json.h"

struct huawei_answer {
	bool good;
	int64_t error;		 /* its code, where not good */
	const struct json *data; /* the inner tree, NULL: none */
};

/* {"success":1,"data":"{\"k\":\"v\"}"}; the inner text decoded too. false: not such an answer. */
bool huawei_read(struct arena *a, const char *bytes, size_t n, struct huawei_answer *out);
/* A figure with its unit behind it, "65.64k" "0.52M" "0.00%" "5ms" "--" or a plain number, times
 * `by`; unknown if it is none. */
struct figure huawei_figure(const struct json *j, const char *key, double by);
/* WEB_GetCallStatusInfoAPI. false: no value of it was known. */
bool huawei_read_media(const struct json *j, struct media_sample *out);
/* WEB_GetMailboxDataAPI: YES in a conference of any kind, NO in none, UNKNOWN not told. */
enum tri huawei_in_call(const struct json *j);
/* The same: is the microphone muted? WEB_InitAudioCtrlParamsAPI says it the other way round, and
 * outweighs. */
enum tri huawei_mic_muted(const struct json *mailbox, const struct json *audio);
/* WEB_GetVersionInfoAPI */
void huawei_read_version(const struct json *j, struct identity *out);
/* WEB_GetSystemMacAddrAPI */
void huawei_read_mac(const struct json *j, char out[18]);
/* WEB_GetLineStateInfoAPI: how long it runs, in seconds, and what is not as it should be. */
struct figure huawei_read_line(const struct json *j, char *alarms, size_t size);

#endif
