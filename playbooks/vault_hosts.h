/* Host keys of git servers that a person accepted: OpenSSH's known_hosts, plain names only.
 * Pure. */
#ifndef TD_VAULT_HOSTS_H
#define TD_VAULT_HOSTS_H

enum host_key { HOST_UNKNOWN, HOST_KNOWN, HOST_CHANGED };

/* text: the file; type: "ssh-ed25519" ...; key: base64. A revoked key counts as changed. */
enum host_key vault_host_check(
	const char *text, const char *host, int port, const char *type, const char *key);

#endif
