/* What can go wrong, in the classes on which the program acts differently, and a carrier for the
 * one sentence that says what was tried, on whom, and what came back. The first error wins. */
#ifndef TD_BASE_ERR_H
#define TD_BASE_ERR_H

/* Marks a sentence that people may be shown in their language (orchestrator/text.h, sentence.h).
 * It is made in English all the same. */
#define T(msgid) msgid

enum err {
	OK = 0,
	ERR_UNREACHABLE, /* nobody answered: try again later */
	ERR_TIMEOUT,     /* silence after a request: outcome unknown, ask first */
	ERR_AUTH,        /* refused login, bad certificate, changed host key: never retried */
	ERR_REFUSED,     /* the device said no: the playbook decides */
	ERR_BUSY,        /* the device said later */
	ERR_GONE,        /* the leg or conference is no longer there */
	ERR_PROTOCOL,    /* not understood: keep the trace, tell a person */
	ERR_UNSUPPORTED, /* this model cannot */
	ERR_CANCELED,
	ERR_INPUT,       /* a file or a person's word is wrong */
	ERR_SYSTEM,      /* disk, memory, descriptors */
};

/* One word for logs, rows and JSON ("ok", "unreachable", "timeout", "auth" ...). */
const char *err_name(enum err code);
/* The class of that word; ERR_PROTOCOL for a word that is not one. */
enum err err_from_name(const char *name);

struct err_text {
	enum err code;
	char text[480];
};

/* Records code and sentence unless e already holds an error (or is NULL); returns code. */
enum err err_set(struct err_text *e, enum err code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#endif
