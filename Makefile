# tongduyet: one file, no configure. `make help` lists the targets.
# SAN=address,undefined (or thread) builds in a folder of its own; WERROR= builds without -Werror.

SHELL   := /bin/bash
CC      ?= gcc
ifeq ($(origin CC),default)
CC      := gcc
endif
CLANG   := $(findstring clang,$(CC))
SAN     ?=
comma   := ,
B       := build$(if $(SAN),/san-$(firstword $(subst $(comma), ,$(SAN))))
WERROR  ?= -Werror
PKGS    := libcurl libxml-2.0 libical libssh2 libssh libgit2 sqlite3 jansson icu-uc icu-i18n libcrypto pangocairo xlsxwriter libmicrohttpd
LAB_PKGS := libmicrohttpd libssh libxml-2.0 libssl libcrypto

HAVE_PKG := $(shell command -v pkg-config 2>/dev/null)
ifneq ($(HAVE_PKG),)
CFLAGS_PKG := $(shell pkg-config --cflags $(PKGS) 2>/dev/null)
LIBS    := $(shell pkg-config --libs $(PKGS) 2>/dev/null) -lcsv -lpthread -lm
LAB_LIBS := $(shell pkg-config --libs $(LAB_PKGS) 2>/dev/null) -lpthread -lm
endif

VERSION := $(shell sed -n 's/^## \([0-9][^ ]*\).*/\1/p' CHANGELOG.md 2>/dev/null | head -1)
CPPFLAGS += -D_GNU_SOURCE -DTD_VERSION='"$(VERSION)"' -I. -Iorchestrator -I$(B)
CFLAGS  ?= $(if $(SAN),-O1,-O2) -g
CFLAGS  += -std=gnu11 -Wall -Wextra -Wshadow -Wvla -Wstrict-prototypes -Wmissing-prototypes \
	-Wpointer-arith -Wno-unused-parameter -Wno-missing-field-initializers -Wformat=2 -Wformat-nonliteral $(if $(CLANG),,-Wno-format-truncation) \
	-fno-common -fstack-protector-strong $(WERROR) $(CFLAGS_PKG) \
	$(if $(SAN),-fsanitize=$(SAN)$(if $(CLANG),$(comma)fuzzer-no-link) -fno-omit-frame-pointer -fno-sanitize-recover=all \
		$(if $(CLANG),,-Wno-stringop-overflow -Wno-maybe-uninitialized -Wno-array-bounds))
# (those three warnings are guesses once the sanitizers have rewritten the code; the plain build keeps them)
LDFLAGS += $(if $(SAN),-fsanitize=$(SAN)) -rdynamic
# Test programs are many: compiled without optimisation and linked by the quicker linker, where it is there (and not for clang,
# whose list of exported names it complains about line by line).
QUICKLY := $(if $(CLANG),,$(if $(shell command -v ld.gold),-fuse-ld=gold))

# The product: everything but main.c goes into one archive that tests link too.
SRC  := $(wildcard orchestrator/base/*.c adapters/wire/*.c adapters/*.c schedules/*.c playbooks/*.c \
	orchestrator/*.c orchestrator/report/*.c orchestrator/cmd/*.c)
GEN  := $(B)/gen/po.c
LIBO := $(patsubst %.c,$(B)/%.o,$(filter-out orchestrator/main.c,$(SRC))) $(if $(wildcard orchestrator/po/*.po),$(B)/gen/po.o)
LIB  := $(B)/libtongduyet.a
BIN  := $(B)/tongduyet
LAB  := $(B)/lab
LAB_SRC := $(wildcard tests/lab/*.c)
MIXER := $(B)/mixer
MIXER_SRC := $(wildcard tests/lab/mixer/*.c tests/lab/freeswitch*.c orchestrator/base/*.c) tests/lab/log.c
UNIT := $(patsubst tests/%.c,$(B)/tests/%,$(wildcard tests/unit/*.c tests/talk/*.c))
INTEROP := $(patsubst tests/%.c,$(B)/tests/%,$(wildcard tests/interop/*.c))
BENCH := $(patsubst tests/%.c,$(B)/tests/%,$(wildcard tests/bench/*.c))

JOBS := $(shell nproc)
TIMED := tests/run timed

.PHONY: all help demo check check-all bench fuzz lint fmt install deb clean packages-build packages-test packages-all
.PHONY: check-long long peers tests variants fuzz-programs lint-xml
.DELETE_ON_ERROR:

all: packages-build
	@$(MAKE) -j$(JOBS) --no-print-directory $(BIN)

help:
	@echo "all demo check check-all bench fuzz lint fmt install deb clean   (SAN=address,undefined | thread)"

# Missing Debian packages are named, then installed; apt is not touched when all are present.
packages-build packages-test packages-all:
	@tests/packages $(@:packages-%=%)

$(B)/%.o: %.c
	@mkdir -p $(@D)
	@echo "  CC $<"
	@$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

$(B)/gen/po.c: orchestrator/po/po2c.awk $(wildcard orchestrator/po/*.po)
	@mkdir -p $(@D)
	@awk -f orchestrator/po/po2c.awk $(sort $(wildcard orchestrator/po/*.po)) > $@

$(B)/gen/po.o: $(B)/gen/po.c
	@$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

# Files that EMBED() pulls in.
$(B)/playbooks/playbook.o: $(wildcard playbooks/*.xsd)
$(B)/playbooks/profile.o: $(wildcard playbooks/*.xsd)
$(B)/orchestrator/workspace.o: $(wildcard orchestrator/*.xsd)
$(B)/orchestrator/report/letterhead.o: $(wildcard orchestrator/report/*.xsd orchestrator/report/*.xml)
$(B)/orchestrator/journal.o: $(wildcard orchestrator/*.sql)
$(B)/orchestrator/workspace_init.o: $(wildcard playbooks/examples/*)
$(B)/orchestrator/workspace_secrets.o: $(wildcard orchestrator/*.xsd)

# At once: another make may be linking with the one that is there.
$(LIB): $(LIBO)
	@ar qcs $@.$$PPID $^ && mv -f $@.$$PPID $@

$(BIN): $(B)/orchestrator/main.o $(LIB)
	@echo "  LD $@"
	@$(CC) $(LDFLAGS) -o $@ $< $(LIB) $(LIBS)

$(LAB): $(patsubst %.c,$(B)/%.o,$(LAB_SRC)) $(LIB)
	@echo "  LD $@"
	@$(CC) $(LDFLAGS) -o $@ $(filter %.o,$^) $(LIB) $(LAB_LIBS) $(LIBS)

# A conference bridge with real SIP and RTP: only for tests/interop/real-media, and nothing else needs libre.
$(B)/tests/lab/mixer/%.o: CPPFLAGS += $(patsubst -I%,-isystem %,$(shell pkg-config --cflags libre librem))
$(MIXER): $(patsubst %.c,$(B)/%.o,$(MIXER_SRC))
	@echo "  LD $@"
	@$(CC) $(filter-out -rdynamic,$(LDFLAGS)) -o $@ $^ $(shell pkg-config --libs libre librem) $(LIBS)

$(B)/tests/unit/%.o $(B)/tests/talk/%.o: CFLAGS += -O0
.SECONDARY: $(addsuffix .o,$(UNIT))
$(B)/tests/%: $(B)/tests/%.o $(LIB)
	@mkdir -p $(@D)
	@$(CC) $(LDFLAGS) $(QUICKLY) -o $@ $< $(LIB) -lcmocka $(LIBS)

# The HTTPS server of a test.
$(B)/tests/unit/wire_http $(B)/tests/unit/wire_http_tls: LIBS += -lssl

# A device that lies (tests/talk/hostile.h): the wire is wrapped, no socket is opened.
HOSTILE_WRAPS := $(patsubst %,-Wl$(comma)--wrap=%,clock_mono task_sleep task_wait http_open http_ask http_close telnet_open telnet_send \
	telnet_stream telnet_close ssh_open ssh_host_key ssh_stream ssh_close tcp_connect http_link_open http_link_send http_link_read \
	http_link_host http_link_path http_link_close)
$(B)/tests/talk/hostile build/fuzz/run/devices: LDFLAGS += $(HOSTILE_WRAPS)
build/fuzz/run/story: LDFLAGS += -Wl,--wrap=journal_rows
build/fuzz/run/feed: LDFLAGS += -Wl,--wrap=feed_ask -Wl,--wrap=feed_write

tests: $(UNIT)

# ---- what people run --------------------------------------------------------------------------------------------

demo: packages-build
	@tests/packages demo
	@$(MAKE) --no-print-directory -j2 $(BIN) $(LAB)
	@tests/demo $(BIN) $(LAB)

# The fast part: unit tables, device dialogues, and the Van Quan rehearsal through the real daemon.
# The long rehearsal mostly waits: it starts as soon as the program is built, while the unit tests are still compiled.
check: packages-test
	@$(TIMED) build $(MAKE) --no-print-directory -j$(JOBS) $(BIN) $(LAB)
	@tests/run fast $(B) $(MAKE) --no-print-directory -j$(JOBS) tests

# Everything: variants end to end, real peers, sanitizers, fuzz smoke.
check-all: packages-all
	@$(MAKE) --no-print-directory check
	@$(MAKE) --no-print-directory check-long

check-long: packages-all
	@$(MAKE) --no-print-directory long
long:
	@tests/long $(or $(SECONDS_EACH),10) $(or $(SEED),1)
peers:
	@$(TIMED) peers $(MAKE) --no-print-directory -j$(JOBS) $(INTEROP) $(MIXER)

# Two more builds: by gcc for threads, by clang for all else, which also says what only clang warns of and is what is fuzzed.
CLANG_MAKE = $(MAKE) --no-print-directory -j$(JOBS) CC=clang-14 SAN=address,undefined B=build/san-clang
variants:
	@$(TIMED) compile-clang $(CLANG_MAKE) build/san-clang/tongduyet build/san-clang/lab tests fuzz-programs
	@$(TIMED) compile-thread $(MAKE) --no-print-directory -j$(JOBS) SAN=thread build/san-thread/tongduyet build/san-thread/lab tests
	@$(TIMED) lint $(MAKE) --no-print-directory lint-xml

bench: packages-test
	@$(MAKE) --no-print-directory -j$(JOBS) $(BIN) $(LAB) $(BENCH)
	@tests/bench/run $(B)

# libFuzzer, each target for SECONDS_EACH, other inputs each time; with SEED (check-all gives one) always the same. The seeds lie in
# tests/fuzz/corpus/TARGET and are tried first.
FUZZ_B := build/fuzz/run
$(FUZZ_B)/%: tests/fuzz/%.c $(LIB)
	@mkdir -p $(@D)
	@$(CC) $(CPPFLAGS) $(CFLAGS) -O0 -fsanitize=fuzzer $(LDFLAGS) -o $@ $< $(LIB) $(LIBS)
fuzz-programs: $(patsubst tests/fuzz/%.c,$(FUZZ_B)/%,$(wildcard tests/fuzz/*.c))
fuzz: packages-all
	@$(CLANG_MAKE) fuzz-programs
	@$(TIMED) fuzz tests/fuzz/run $(FUZZ_B) $(or $(SECONDS_EACH),60) $(SEED)

lint: packages-all
	@printf '%s\n' $(SRC) $(LAB_SRC) | xargs -n 16 -P $(JOBS) clang-14 -fsyntax-only $(CPPFLAGS) -std=gnu11 -Wall -Wextra \
		-Wno-unused-parameter -Wno-missing-field-initializers -Werror $(CFLAGS_PKG)
	@$(MAKE) --no-print-directory lint-xml
	@echo lint: clean
lint-xml:
	@xmllint --noout playbooks/*.xsd orchestrator/*.xsd orchestrator/report/*.xsd orchestrator/report/*.xml playbooks/examples/*.xml

# Only the lines that differ from the last commit: the tree was not written by a machine.
fmt:
	@command -v git-clang-format-14 >/dev/null || { echo "fmt: needs the Debian package clang-format-14" >&2; exit 1; }
	@git clang-format-14 --force --binary clang-format-14 --extensions c,h || true

PREFIX ?= /usr/local
install: $(BIN)
	install -D -m 0755 $(BIN) $(DESTDIR)$(PREFIX)/bin/tongduyet
	for page in orchestrator/man/*.[1-8]; do install -D -m 0644 $$page $(DESTDIR)$(PREFIX)/share/man/man$${page##*.}/$${page##*/}; done
	install -D -m 0644 orchestrator/man/tongduyet.service $(DESTDIR)$(PREFIX)/lib/systemd/system/tongduyet.service

deb: packages-build
	@$(MAKE) --no-print-directory $(BIN)
	@tests/deb $(BIN) $(VERSION) build

-include $(shell find build -name '*.d' 2>/dev/null)

clean:
	rm -rf build
