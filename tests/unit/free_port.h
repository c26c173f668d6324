/* A port for a server that a test starts and that cannot choose one by itself. */
#ifndef TD_TESTS_FREE_PORT_H
#define TD_TESTS_FREE_PORT_H

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

static inline int
free_port(void)
{
	static int given;
	/* Below those that the kernel gives away: it is not somebody else's until our server has it. */
	for (int i = 0; i < 6000; i++) {
		int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		struct sockaddr_in at = { .sin_family = AF_INET,
			.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
			.sin_port = htons((uint16_t)(11000 + (getpid() * 16 + i + given) % 6000)) };
		int rc = bind(fd, (struct sockaddr *)&at, sizeof at);
		close(fd);
		if (rc == 0) {
			given += i + 1;
			return ntohs(at.sin_port);
		}
	}
	fail_msg("no port is free");
	return 0;
}

#endif
