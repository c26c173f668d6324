/* Between ssh.c and the libraries that speak SSH: nobody else includes this. A backend does the
 * talking; which one talks, and whether the host key is good, is decided in ssh.c. */
#ifndef TD_WIRE_SSH_BACKEND_H
#define TD_WIRE_SSH_BACKEND_H

#include "adapters/wire/ssh.h"

enum { SSH_HASH_SIZE = 32, SSH_PTY_COLUMNS = 500, SSH_PTY_ROWS = 50 };

struct ssh_backend;

struct ssh {
	const struct ssh_backend *via;
	int fd; /* of tcp_connect(); ssh.c closes it */
	char *host;
	char key[SSH_PIN_SIZE];
	void *link; /* the backend's own, NULL before greet() */
};

struct ssh_backend {
	void (*init)(void);
	/* The key exchange on s->fd and the SHA-256 of the server's key; no name, no password
	 * leaves.
	 * *out_no_common with ERR_PROTOCOL: this library and the server know no common
	 * algorithm. */
	enum err (*greet)(struct task *t, struct ssh *s, bool legacy,
		unsigned char out_hash[SSH_HASH_SIZE], bool *out_no_common);
	/* One attempt. */
	enum err (*log_in)(struct task *t, struct ssh *s, const char *user, const char *password);
	enum err (*open_shell)(struct task *t, struct ssh *s, bool pty);
	/* All of them. ERR_GONE: the other side closed. */
	enum err (*send)(struct task *t, struct ssh *s, const void *bytes, size_t n);
	/* What is there now, maybe nothing; ERR_GONE when nothing will come any more. */
	enum err (*take)(struct task *t, struct ssh *s, void *into, size_t cap, size_t *out_n);
	/* task_wait() for whatever the library waits for. */
	enum err (*wait)(struct task *t, struct ssh *s, int64_t at_most_ms);
	/* Says goodbye if that is possible at once, shuts s->fd down and frees the link. Without a
	 * link: nothing. */
	void (*close)(struct ssh *s);
};

extern const struct ssh_backend ssh_libssh2, ssh_libssh;

/* For the backends: how a failure is told. */
enum err ssh_hung_up(struct task *t, const char *host);
bool ssh_peer_gone(int fd); /* only asked when something failed */
enum err ssh_no_common(struct task *t, const char *host, const char *why, bool legacy);
/* gone: the library knows that the connection is; ssh_peer_gone() is asked, too. */
enum err ssh_greet_failed(struct task *t, const struct ssh *s, bool gone, const char *why);
enum err ssh_login_refused(struct task *t, const char *host, const char *user);
enum err ssh_login_failed(struct task *t, const struct ssh *s, bool gone, const char *why);
enum err ssh_shell_failed(
	struct task *t, const struct ssh *s, bool gone, const char *what, const char *why);

#endif
