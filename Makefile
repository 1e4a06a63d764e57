# Recado. One Makefile, not recursive. Everything that is built goes under build/$V.
#
#   make              the daemon, the command line and the library (V=release)
#   make demo         installs what it needs, builds, and lets the business answer a voice note
#   make check        what every change must pass, in eight minutes; ends with "N passed, N failed"
#   make check-all    also sanitizers, failing allocations, fuzzers, crashes, analysers, the bench
#   make unit process the two halves of check; OOM=1 make unit: with failing allocations
#   make sanitize     the tests again under ASan + UBSan, the threaded ones under TSan
#   make fuzz T=300   the fuzzers, T seconds each
#   make crash        kill -9 under load, and what must hold afterwards (N=50)
#   make bench        one table of ratios
#   make lint layers  what the compiler cannot know
#   make install      DESTDIR= PREFIX=/usr

V ?= release
CC ?= gcc
ifeq ($(origin CC),default)
CC := gcc
endif
PREFIX ?= /usr/local
SYSCONFDIR ?= $(if $(filter /usr,$(PREFIX)),/etc,$(PREFIX)/etc)
LOCALSTATEDIR ?= /var
UNITDIR ?= $(if $(filter /usr,$(PREFIX)),/lib/systemd/system,$(PREFIX)/lib/systemd/system)
VERSION := 0.1.0
O := build/$V

F.release := -O2 -g -D_FORTIFY_SOURCE=3 -fstack-protector-strong -fstack-clash-protection -fcf-protection
F.debug := -O0 -g
F.asan := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
F.tsan := -O1 -g -fsanitize=thread -fno-omit-frame-pointer
F.crash := -O1 -g -DRCD_LEASE_MS=6000 -DRCD_RENEW_MS=2000 -DRCD_RETRY_MAX_MS=8000
F.fuzz := -O1 -g -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
ifeq ($(F.$V),)
$(error V=$V: one of release debug asan tsan fuzz crash)
endif

WARN := -Wall -Wextra -Wshadow -Wconversion -Wvla -Wformat=2 -Wmissing-prototypes -Wstrict-prototypes
LIBS.lib := libcurl jansson sqlite3 libpq opus ogg speexdsp libutf8proc libcrypto libwebsockets
LIBS.daemon := libconfig
LIBS.sandbox := libmicrohttpd
LIBS.cage := libseccomp
LIBS.extract := libxml-2.0 libzip
LIBS.decode := sndfile libmpg123 opencore-amrnb opencore-amrwb
PKG := $(shell pkg-config --cflags $(LIBS.lib) $(LIBS.daemon) $(LIBS.sandbox) $(LIBS.cage) $(LIBS.extract) $(LIBS.decode) 2>/dev/null)
CPPFLAGS += -D_GNU_SOURCE -Ilib -I. -DRCD_VERSION='"$(VERSION)"' $(PKG)
CFLAGS += -std=gnu11 $(WARN) $(WERROR) $(F.$V) -fPIC -pthread
LDFLAGS += $(F.$V) -pthread $(if $(filter release,$V),-Wl$(comma)-z$(comma)relro$(comma)-z$(comma)now)
comma := ,
LIB.lib := $(shell pkg-config --libs $(LIBS.lib) 2>/dev/null) -lstemmer -lm
LIB.daemon := $(shell pkg-config --libs $(LIBS.daemon) 2>/dev/null) -lfcgi
LIB.sandbox := $(shell pkg-config --libs $(LIBS.sandbox) 2>/dev/null) -lwslay
LIB.extract := $(shell pkg-config --libs $(LIBS.extract) $(LIBS.cage) 2>/dev/null) -lcsv -lm
LIB.decode := $(shell pkg-config --libs $(LIBS.decode) speexdsp $(LIBS.cage) 2>/dev/null) -lm

lib.c := $(sort $(wildcard lib/*/*.c))
lib.o := $(lib.c:%.c=$O/%.o)
# the command line has a folder of its own beside it, scripted conversations; what lies in daemon/
# itself is shared
eval.o := $(patsubst %.c,$O/%.o,$(sort $(wildcard daemon/eval/*.c)))
recadod.o := $(patsubst %.c,$O/%.o,$(sort $(wildcard daemon/recadod/*.c)))
recado.o := $(patsubst %.c,$O/%.o,$(sort $(wildcard daemon/recado/*.c)))
# the simulated providers, the readers of documents and those of recordings are programs of their own,
# and nothing else that is installed links their libraries
sandbox.o := $(patsubst %.c,$O/%.o,$(sort $(wildcard daemon/sandbox/*.c)))
cage.o := $(patsubst %.c,$O/%.o,$(sort $(wildcard daemon/cage/*.c)))
extract.o := $(patsubst %.c,$O/%.o,$(sort $(wildcard daemon/extract/*.c)))
decode.o := $(patsubst %.c,$O/%.o,$(sort $(wildcard daemon/decode/*.c)))
common.o := $(patsubst %.c,$O/%.o,$(sort $(wildcard daemon/*.c)))
so := $O/librecado.so.0

# V=crash: crash points around the calls that matter, and faults to plant (tests/crash/). A
# file that defines what points go around has none itself.
ifeq ($V,crash)
around := rcd_db_write|rcd_db_migrate|rcd_sqlite_keep|rcd_sqlite_log_pages|rcd_sqlite_checkpoint|rcd_wlock_take|rcd_http_do|rcd_http_begin|rcd_accept|rcd_reply|rcd_req_end|rcd_child_ready
without := $(shell grep -lE '^[a-z].*\b($(around))\b' lib/*/*.c daemon/*/*.c)
$(lib.o) $(recadod.o): CPPFLAGS += -include tests/crash/points.h
$(recadod.o): CPPFLAGS += -DRCD_DAEMON_POINTS
$(without:%.c=$O/%.o): CPPFLAGS += -DRCD_NO_POINTS
lib.o += $O/tests/crash/points.o $O/tests/crash/plant.o
LDFLAGS += $(foreach f,rcd_inbox_put rcd_job_check rcd_job_hold rcd_job_finish rcd_twilio_find rcd_twilio_send,-Wl$(comma)--wrap=$f)
endif
rpath := -Wl,-rpath,'$$ORIGIN:$$ORIGIN/../lib/recado'

all: $O/recadod $O/recado $O/recado-sandbox $O/recado-extract $O/recado-decode

Q := $(if $(VERBOSE),,@)
say = $(if $(VERBOSE),,@echo "  $(1)	$(patsubst $O/%,%,$@)")

$O/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(call say,CC)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

$O/librecado.a: $(lib.o)
	@rm -f $@
	$(call say,AR)
	$(Q)ar rcs $@ $^

$(so): $(lib.o)
	$(call say,LD)
	$(Q)$(CC) -shared -Wl,-soname,librecado.so.0 $(LDFLAGS) -o $@ $^ $(LIB.lib)

# all of recadod but its main: what the tests and the bench link
$O/recadod.a: $(filter-out %/main.o,$(recadod.o))
	@rm -f $@
	$(call say,AR)
	$(Q)ar rcs $@ $^

$O/recadod: $(recadod.o) $(common.o) $(so)
	$(call say,LD)
	$(Q)$(CC) $(LDFLAGS) -pie $(rpath) -o $@ $^ $(LIB.daemon) $(LIB.lib)

$O/recado: $(recado.o) $(eval.o) $(common.o) $(so)
	$(call say,LD)
	$(Q)$(CC) $(LDFLAGS) -pie $(rpath) -o $@ $^ $(LIB.daemon) $(LIB.lib)

$O/recado-sandbox: $(sandbox.o) $(addprefix $O/daemon/,log.o modes.o) $(so)
	$(call say,LD)
	$(Q)$(CC) $(LDFLAGS) -pie $(rpath) -o $@ $^ $(LIB.sandbox) $(LIB.lib)

# of the library only what it uses, so that it needs nothing but the readers' libraries
# The shadow memory of the thread sanitizer has no room in the cage of the two, and they have one
# thread: there they are those without it.
ifeq ($V,tsan)
$O/recado-extract $O/recado-decode: $O/%: FORCE
	@$(MAKE) --no-print-directory V=release build/release/$*
	$(Q)cmp -s build/release/$* $@ || cp build/release/$* $@
FORCE:
else
$O/recado-extract: $(extract.o) $(cage.o) $O/librecado.a
	$(call say,LD)
	$(Q)$(CC) $(LDFLAGS) -pie -o $@ $^ $(LIB.extract)
$O/recado-decode: $(decode.o) $(cage.o) $O/librecado.a
	$(call say,LD)
	$(Q)$(CC) $(LDFLAGS) -pie -o $@ $^ $(LIB.decode)
endif

# --- tests -----------------------------------------------------------------------------
# A unit test is one small program; what all of them test is linked once, into a library of the
# tests' own. Allocation goes through wrappers so that -m can make the n-th one fail.
unit.c := $(sort $(wildcard tests/unit/t_*.c))
unit := $(unit.c:%.c=$O/%)
wrap := -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=strdup
tested.o := $O/tests/fcgi.o $(filter-out %/main.o,$(sandbox.o)) $(eval.o) $(common.o) $(filter-out %/main.o,$(recadod.o)) $(lib.o)
tested := -Wl,-rpath,'$$ORIGIN/..' -Wl,--as-needed

$O/tests/libtest.so: $O/tests/main.o $(tested.o)
	$(call say,LD)
	$(Q)$(CC) -shared $(LDFLAGS) $(wrap) -o $@ $^ $(LIB.daemon) $(LIB.sandbox) $(LIB.lib)

$(unit): $O/%: $O/%.o $O/tests/libtest.so
	$(call say,LD)
	$(Q)$(CC) $(LDFLAGS) $(wrap) $(tested) -o $@ $^ $(LIB.daemon) $(LIB.sandbox) $(LIB.lib) $(LIB.more) -lssl

# those that call the readers of documents
readers := $O/tests/unit/t_extract $O/tests/fuzz/fz_extract
$(readers): $(filter-out %/main.o,$(extract.o)) $(cage.o)
$(readers): LIB.more := $(LIB.extract)

# those that call the readers of recordings; many run the program
decoders := $O/tests/unit/t_audio_reader $O/tests/fuzz/fz_decode
$(decoders): $(filter-out %/main.o,$(decode.o)) $(cage.o)
$(decoders): LIB.more := $(LIB.decode)
$(unit): | $O/recado-decode

# and those of the command line's own parts
$O/tests/unit/t_talk: $(addprefix $O/daemon/recado/,talk.o talk_open.o contact_named.o)
$O/tests/unit/t_input: $O/daemon/recado/input.o

unit-build: $(unit)
unit: $(unit)
	@OOM=$(OOM) tests/run-unit $(unit)

# the threaded rooms, for the thread sanitizer
threaded := $(filter %/t_net_http %/t_net_ws% %/t_realtime %/t_store_% %/t_turn %/t_turn_ahead %/t_turn_parts %/t_talk %/t_sandbox %/t_log %/t_web%,$(unit))
unit-threaded: $(threaded)
	@OOM= tests/run-unit $(threaded)

process: all
	@V=$V tests/run-process

sanitize:
	$(MAKE) V=asan OOM=1 unit
	$(MAKE) V=asan all && V=asan RECADO_SLOW=4 tests/run-process main
	$(MAKE) V=tsan unit-threaded

fuzz.c := $(sort $(wildcard tests/fuzz/fz_*.c))
fuzz := $(fuzz.c:%.c=$O/%)
$O/tests/libfuzz.so: $(tested.o)
	$(call say,LD)
	$(Q)$(CC) -shared $(LDFLAGS) -o $@ $^ $(LIB.daemon) $(LIB.sandbox) $(LIB.lib)
$(fuzz): $O/%: $O/%.o $O/tests/libfuzz.so
	$(call say,LD)
	$(Q)$(CC) $(LDFLAGS) $(tested) -fsanitize=fuzzer -o $@ $^ $(LIB.daemon) $(LIB.lib) $(LIB.more)
fuzz-build: $(fuzz)
fuzz-run: $(fuzz)
	@tests/run-fuzz $(or $T,5) $(fuzz)
fuzz:
	@$(MAKE) V=fuzz CC=clang fuzz-run

# --- bench: the generator, our stack without its store, and what we are compared with
bench.c := $(filter-out %/slowfsync.c,$(sort $(wildcard tests/bench/*.c)))
bench := $(bench.c:%.c=$O/%)
bench.nostore := $O/tests/bench/nostore
$(filter-out $(bench.nostore),$(bench)): $O/%: $O/%.o $O/librecado.a
	$(call say,LD)
	$(Q)$(CC) $(LDFLAGS) -o $@ $(filter %.o,$^) $O/librecado.a $(LIB.daemon) $(LIB.lib)
$(bench.nostore): %: %.o $(recadod.o) $(common.o) $O/librecado.a
	$(call say,LD)
	$(Q)$(CC) $(LDFLAGS) -Wl,--wrap=rcd_inbox_put -o $@ $(filter %.o,$^) $O/librecado.a $(LIB.daemon) $(LIB.lib)
$O/tests/bench/slowfsync.so: $O/tests/bench/slowfsync.o
	$(call say,LD)
	$(Q)$(CC) -shared $(LDFLAGS) -o $@ $^
# the peer of the search by meaning, where Debian's libhnswlib-dev is there
hnsw := $(if $(wildcard /usr/include/hnswlib/hnswlib.h),$O/tests/bench/hnsw)
$O/tests/bench/hnsw: tests/bench/hnsw.cc Makefile
	@mkdir -p $(@D)
	$(call say,CXX)
	$(Q)$(CXX) -std=c++17 -O3 -march=native -DNDEBUG -o $@ $< -pthread
bench-build: all $(bench) $(hnsw) $O/tests/bench/slowfsync.so
bench: bench-build
	@V=$V /usr/bin/python3 tests/bench/run.py
-include $(bench:=.d) $O/tests/bench/slowfsync.d
.PHONY: bench bench-build

# --- crash: kill -9 at random moments and at every point, faults planted on purpose --------
#   N=50 kills, SEED=, RATE=50 webhooks/s, KILL_EVERY=1 s, DATABASE=postgres, POINTS=1, STILL=1, FAULTS=1, LIST=1
$O/tests/crash/list: $O/tests/crash/list.o $O/recadod.a $O/librecado.a $(common.o)
	$(call say,LD)
	$(Q)$(CC) $(LDFLAGS) -o $@ $< -Wl,--whole-archive $O/recadod.a $O/librecado.a -Wl,--no-whole-archive $(common.o) $(LIB.daemon) $(LIB.lib)
crash-build: all $O/tests/crash/list
crash:
	@$(MAKE) V=crash crash-build
	@V=crash /usr/bin/python3 -B tests/crash/run.py
.PHONY: crash crash-build

# Every file by both compilers, warnings as errors: what is built by gcc anyway, and the rest of what
# it would be built for; by clang for the words alone.
others.o := $(bench:=.o) $(fuzz:=.o) $(addprefix $O/tests/crash/,list.o plant.o points.o) $O/tests/bench/slowfsync.o
warnings-gcc: all unit-build $(others.o)
warnings:
	@echo "warnings: gcc"
	@$(MAKE) -s V=release CC=gcc WERROR=-Werror warnings-gcc
	@echo "warnings: clang"
	@printf '%s\n' $(wildcard lib/*/*.c daemon/*.c daemon/*/*.c tests/*.c tests/unit/*.c tests/bench/*.c tests/fuzz/*.c tests/crash/*.c) | \
		xargs -P $$(nproc) -I{} clang $(CPPFLAGS) -std=gnu11 $(WARN) -Werror -fsyntax-only {}

layers:
	@tests/layers

lint:
	@tests/lint $(CPPFLAGS)
lint-quick:
	@tests/lint quick

# .clang-format has the rules
format:
	@clang-format -i $(wildcard lib/*/*.[ch] daemon/*.[ch] daemon/*/*.[ch] tests/*.[ch] tests/*/*.[ch])

check:
	@tests/check
check-all:
	@tests/check all

deps:
	@tests/deps

# --- demo ------------------------------------------------------------------------------
# Two steps, because pkg-config may come with the first.
demo:
	@tests/deps demo
	@$(MAKE) --no-print-directory all
	@exec python3 tests/demo.py $(if $(ONCE),--once)

# --- install ---------------------------------------------------------------------------
# The files name Debian's own folders; another PREFIX or SYSCONFDIR is written into them.
share := $(PREFIX)/share/recado
etc := $(DESTDIR)$(SYSCONFDIR)/recado
placed := sed -e 's|/usr/sbin/|$(PREFIX)/sbin/|g' -e 's|/usr/share/recado|$(share)|g' -e 's|/etc/recado|$(SYSCONFDIR)/recado|g'
put = $(placed) $(1) >$(DESTDIR)$(2).new && chmod 644 $(DESTDIR)$(2).new && mv $(DESTDIR)$(2).new $(DESTDIR)$(2)
keep = test -e $(DESTDIR)$(2) || { $(call put,$(1),$(2)); }
secrets := openai_api_key elevenlabs_api_key twilio_auth_token aws_secret_access_key aws_session_token session_secret admin_token
man.pages := $(wildcard docs/man/*.[1-8])

install: all
	install -d $(DESTDIR)$(PREFIX)/sbin $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/lib/recado
	install -m 755 $O/recadod $(DESTDIR)$(PREFIX)/sbin/
	install -m 755 $O/recado $O/recado-sandbox $(DESTDIR)$(PREFIX)/bin/
	install -m 644 $(so) $(DESTDIR)$(PREFIX)/lib/recado/
	install -m 755 $O/recado-extract $O/recado-decode $(DESTDIR)$(PREFIX)/lib/recado/
	for p in $(man.pages); do d=$(DESTDIR)$(PREFIX)/share/man/man$${p##*.}; install -d $$d && \
		gzip -n9c $$p >$$d/$${p##*/}.gz && chmod 644 $$d/$${p##*/}.gz || exit 1; done
	install -d $(DESTDIR)$(share)/persona/exemplo $(DESTDIR)$(share)/persona/endrigo $(DESTDIR)$(share)/knowledge $(DESTDIR)$(share)/eval $(DESTDIR)$(share)/nginx
	install -m 644 etc/persona/exemplo/*.md $(DESTDIR)$(share)/persona/exemplo/
	install -m 644 etc/persona/endrigo/*.md $(DESTDIR)$(share)/persona/endrigo/
	install -m 644 etc/knowledge/*.* $(DESTDIR)$(share)/knowledge/
	install -m 644 etc/eval/*.eval $(DESTDIR)$(share)/eval/
	install -m 644 nginx/recado-locations.conf nginx/recado-media-s3.conf $(DESTDIR)$(share)/nginx/
	install -d $(etc)/knowledge $(DESTDIR)$(SYSCONFDIR)/nginx/sites-available
	install -d -m 700 $(etc)/secrets
	$(call keep,etc/recado.conf,$(SYSCONFDIR)/recado/recado.conf)
	test -d $(etc)/persona || { install -d $(etc)/persona && install -m 644 etc/persona/exemplo/*.md $(etc)/persona/; }
	for s in $(secrets); do test -e $(etc)/secrets/$$s || install -m 600 /dev/null $(etc)/secrets/$$s || exit 1; done
	$(call keep,nginx/recado.conf,$(SYSCONFDIR)/nginx/sites-available/recado.conf)
	install -d $(DESTDIR)$(UNITDIR) $(DESTDIR)$(PREFIX)/lib/sysusers.d $(DESTDIR)$(PREFIX)/lib/tmpfiles.d
	$(call put,systemd/recado.service,$(UNITDIR)/recado.service)
	$(call put,systemd/recado.socket,$(UNITDIR)/recado.socket)
	install -m 644 systemd/recado.sysusers $(DESTDIR)$(PREFIX)/lib/sysusers.d/recado.conf
	install -m 644 systemd/recado.tmpfiles $(DESTDIR)$(PREFIX)/lib/tmpfiles.d/recado.conf
	install -d -m 711 $(DESTDIR)$(LOCALSTATEDIR)/lib/recado
	@echo "next: systemd-sysusers && systemd-tmpfiles --create && systemctl daemon-reload"
	@echo "then: keys into $(SYSCONFDIR)/recado/secrets, public_url into $(SYSCONFDIR)/recado/recado.conf,"
	@echo "      systemctl enable --now recado.socket recado.service; recadod(8) has the rest"

# What install wrote and nobody has edited since; configuration, secrets and the store stay.
uninstall:
	rm -f $(DESTDIR)$(PREFIX)/sbin/recadod $(DESTDIR)$(PREFIX)/bin/recado $(DESTDIR)$(PREFIX)/bin/recado-sandbox
	for p in $(man.pages); do rm -f $(DESTDIR)$(PREFIX)/share/man/man$${p##*.}/$${p##*/}.gz; done
	rm -rf $(DESTDIR)$(PREFIX)/lib/recado $(DESTDIR)$(share)
	rm -f $(DESTDIR)$(UNITDIR)/recado.service $(DESTDIR)$(UNITDIR)/recado.socket
	rm -f $(DESTDIR)$(PREFIX)/lib/sysusers.d/recado.conf $(DESTDIR)$(PREFIX)/lib/tmpfiles.d/recado.conf

-include $(patsubst %.o,%.d,$(lib.o) $(sandbox.o) $(eval.o) $(recadod.o) $(recado.o) $(cage.o) $(extract.o) $(decode.o) $(common.o)) $(unit:=.d) $(fuzz:=.d) $O/tests/main.d $O/tests/fcgi.d

clean:
	rm -rf build

.PHONY: all unit unit-build unit-threaded process sanitize fuzz fuzz-build fuzz-run warnings warnings-gcc layers lint lint-quick format check check-all deps clean demo install uninstall
.SECONDARY:
