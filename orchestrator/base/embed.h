/* EMBED(name, "path/from/the/top") puts a file into the binary: name[] and name_size. */
#ifndef TD_BASE_EMBED_H
#define TD_BASE_EMBED_H

#include <stddef.h>

#define EMBED(name, path) \
	__asm__(".section .rodata\n" \
		".global " #name "\n" \
		".balign 16\n" #name ":\n" \
		".incbin \"" path "\"\n" \
		".global " #name "_end\n" #name "_end:\n.byte 0\n" \
		".previous\n"); \
	extern const char name[], name##_end[]
#define EMBED_SIZE(name) ((size_t)(name##_end - name))

#endif
