# station -- build, test, install.   make help
prefix  ?= /usr/local
PREFIX  ?= $(prefix)
BINDIR  ?= $(PREFIX)/bin
MANDIR  ?= $(PREFIX)/share/man
SHAREDIR ?= $(PREFIX)/share/station
UDEVDIR ?= /lib/udev/rules.d
DESTDIR ?=
BUILD   ?= build
JOBS    ?= $(shell nproc)
ifeq ($(MAKELEVEL),0)
MAKEFLAGS += -j$(JOBS)
endif

CFLAGS   ?= -O2 -g
WARN      = -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
            -Wwrite-strings -Wvla -Wformat=2 -Werror
override CPPFLAGS += -Istation -Ifixtures -I. -I$(BUILD)/gen -D_GNU_SOURCE -include base/banned.h
override CFLAGS += -std=c17 $(WARN) -fvisibility=hidden -MMD -MP

# --- packages: what a fresh Debian 12 needs; each target installs its own set ---

PKG_BUILD := gcc libc6-dev make pkg-config libftdi1-dev libusb-1.0-0-dev libiperf-dev \
             libsqlite3-dev libjansson-dev libpcre2-dev libxml2-dev libssl-dev libgsl-dev \
             libsodium-dev libzint-dev libcairo2-dev libfontconfig-dev \
             libncurses-dev libpng-dev gettext \
             libslirp-dev libglib2.0-dev libcurl4-openssl-dev liblwip-dev libmicrohttpd-dev
PKG_DEMO  := umockdev iperf3
PKG_TEST  := libcriterion-dev clang-format libxml2-utils python3-jsonschema sqlite3 strace procps \
             tidy poppler-utils chromium mandoc dmtx-utils zbar-tools librsvg2-bin \
             libvterm-dev tmux
PKG_FUZZ  := clang libclang-rt-14-dev
PKG_E2E   := qemu-system-x86 busybox-static cpio kmod udev
PKG_VALGRIND := valgrind libc6-dbg
PKG_CC     = $(if $(findstring clang,$(CC)),clang)

PC       := libftdi1 libusb-1.0 sqlite3 jansson libpcre2-8 libcrypto libsodium
PC_LAZY  := libcurl slirp libxml-2.0 gsl cairo fontconfig
PC_VB    := libpcre2-8 libssl libcrypto jansson libmicrohttpd lwip
PC_TEST  := slirp libcurl libxml-2.0
# Asked for in the first recipe that needs them, when pkg-config is there, and once.
LIBS_ST   = $(PC_LIBS) $(PC_UI_LIBS) -lm
LIBS_VB   = $(PC_VB_LIBS) -lm
LIBS_FUZZ = -Wl,--as-needed $(PC_VB_LIBS) -Wl,--no-as-needed
LIBS_TEST = -Wl,--as-needed $(PC_VB_LIBS) $(PC_TEST_LIBS) -Wl,--no-as-needed
PC_LIBS   = $(eval PC_LIBS := $(shell pkg-config --libs $(PC)))$(PC_LIBS)
PC_VB_LIBS = $(eval PC_VB_LIBS := $(shell pkg-config --libs $(PC_VB)))$(PC_VB_LIBS)
PC_TEST_LIBS = $(eval PC_TEST_LIBS := $(shell pkg-config --libs $(PC_TEST)))$(PC_TEST_LIBS)
PC_CFLAGS = $(eval PC_CFLAGS := $(shell pkg-config --cflags $(PC) $(PC_LAZY) $(PC_VB)))$(PC_CFLAGS)
PC_TEST_CFLAGS = $(eval PC_TEST_CFLAGS := $(shell pkg-config --cflags $(PC_TEST)))$(PC_TEST_CFLAGS)
PC_UI_LIBS = $(eval PC_UI_LIBS := $(shell pkg-config --libs ncursesw libpng))$(PC_UI_LIBS)
override CPPFLAGS += $(PC_CFLAGS)

# --- what is built from what ---

ST_SRC   := $(sort $(wildcard station/*/*.c reports/*.c) $(filter-out station/main.c,$(wildcard station/*.c)))
VB_SRC   := $(sort $(filter-out fixtures/virtual/main.c fixtures/virtual/usbfs_preload.c,$(wildcard fixtures/virtual/*.c)))
TEST_SRC := $(sort $(wildcard tests/unit/test_*.c))
HELP_SRC := $(sort $(filter-out $(TEST_SRC),$(wildcard tests/unit/*.c)))
BENCH_SRC := $(sort $(wildcard tests/bench/bench_*.c))
BENCHES   = $(BENCH_SRC:tests/bench/%.c=$(BUILD)/bench/%)
SAN       = -fsanitize=address,undefined -fno-sanitize-recover=all
HEADERS  := $(sort $(wildcard station/*/*.h station/*.h reports/*.h fixtures/virtual/*.h))
OBJ      := $(BUILD)/obj
LIB      := $(BUILD)/libstation.a
LIBV     := $(BUILD)/libvirtual.a
LIBT     := $(BUILD)/libtests.a
MO       := $(patsubst station/ui/po/%.po,$(BUILD)/locale/%/LC_MESSAGES/station.mo,$(wildcard station/ui/po/*.po))
TESTS    := $(TEST_SRC:tests/unit/%.c=$(BUILD)/tests/%)
VTESTS   := $(patsubst tests/virtual/%.c,$(BUILD)/virtual/%,$(wildcard tests/virtual/*.c))

help:                                        ## this list
	@sed -n 's/^\([a-z0-9-]*\):.*## /\1\t/p' $(firstword $(MAKEFILE_LIST)) | expand -t 12

all: $(BUILD)/station $(BUILD)/vboard $(BUILD)/libvusbfs.so $(MO) ## build station, vboard and the usbfs preload

# need LIST: install those of LIST that are missing. DEPS=no: look after them yourself.
DEPS ?= yes
need = @[ '$(DEPS)' != yes ] && exit 0; missing= sudo=; \
	command -v dpkg-query >/dev/null || { echo "make: not a Debian: install what the Makefile names as PKG_*" \
	 "by other means, then: make DEPS=no ..." >&2; exit 1; }; \
	have=$$(dpkg-query -W -f='$${Package}=$${db:Status-Status} ' $(1) 2>/dev/null); \
	for p in $(1); do case " $$have" in *" $$p=installed "*) ;; *) missing="$$missing $$p" ;; esac; done; \
	[ -z "$$missing" ] && exit 0; \
	[ "$$(id -u)" = 0 ] || sudo=$$(command -v sudo) || { echo "make: packages are missing; as root:" \
	 "apt-get update && apt-get install --no-install-recommends$$missing" >&2; exit 1; }; \
	echo "make: installing$$missing"; \
	$$sudo apt-get -q update && \
	$$sudo env DEBIAN_FRONTEND=noninteractive apt-get -q install -y --no-install-recommends $$missing

deps: $(BUILD)/.build $(BUILD)/.demo $(BUILD)/.test ## install every package that building and testing need
$(BUILD)/.build: Makefile $(BUILD)/.flags
	$(call need,$(PKG_BUILD) $(PKG_CC))
	@touch $@
$(BUILD)/.flags: FORCE
	@mkdir -p $(@D); echo '$(CC) $(CFLAGS)' | cmp -s - $@ || echo '$(CC) $(CFLAGS)' >$@
FORCE:
$(BUILD)/.demo: $(BUILD)/.build
	$(call need,$(PKG_DEMO))
	@touch $@
$(BUILD)/.test: $(BUILD)/.demo
	$(call need,$(PKG_TEST))
	@touch $@

# --- programs ---

$(BUILD)/station: $(OBJ)/station/main.o $(LIB)
	$(Q_LD)$(CC) $(LDFLAGS) $^ $(LIBS_ST) -o $@
$(BUILD)/vboard: $(OBJ)/fixtures/virtual/main.o $(LIBV) $(LIB)
	$(Q_LD)$(CC) $(LDFLAGS) $^ $(LIBS_VB) -o $@
$(BUILD)/libvusbfs.so: fixtures/virtual/usbfs_preload.c fixtures/virtual/usbfs_wire.h | $(BUILD)/.build
	@mkdir -p $(@D)
	$(Q_LD)$(CC) $(CPPFLAGS) $(filter-out -fvisibility=hidden -MMD -MP -fsanitize%,$(CFLAGS)) -fPIC -shared -o $@ $< -ldl -pthread
$(LIB): $(ST_SRC:%.c=$(OBJ)/%.o)
	$(Q_AR)rm -f $@ && $(AR) rcs $@ $^
$(LIBV): $(VB_SRC:%.c=$(OBJ)/%.o)
	$(Q_AR)rm -f $@ && $(AR) rcs $@ $^
$(LIBT): $(HELP_SRC:%.c=$(OBJ)/%.o)
	$(Q_AR)rm -f $@ && $(AR) rcs $@ $^
$(OBJ)/%.o: %.c $(BUILD)/.flags | $(BUILD)/.build
	@mkdir -p $(@D)
	$(Q_CC)$(CC) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<
$(OBJ)/station/store/store_db.o: $(BUILD)/gen/store_schema.h $(BUILD)/gen/store_schema_2.h
$(BUILD)/gen/store_%.h: station/store/%.sql
	@mkdir -p $(@D)
	@{ echo 'static const char store_$*[] ='; sed 's/[\\"]/\\&/g; s/.*/"&\\n"/' $<; echo ';'; } >$@
# The soname of the library whose headers are used: readelf tells it of -lNAME.
$(OBJ)/station/base/lazy.o: $(BUILD)/gen/lazy_sonames.h
$(BUILD)/gen/lazy_sonames.h: station/base/lazy.def | $(BUILD)/.build
	@mkdir -p $(@D)
	@for l in $$(sed -n 's/^LIBRARY(\([a-z0-9]*\),.*/\1/p' $<); do \
	 readelf -d $$($(CC) -print-file-name=lib$$l.so) | \
	 sed -n "s/.*SONAME.*\[\(.*\)\]/#define SONAME_$$l \"\1\"/p"; done >$@
$(MO): $(BUILD)/locale/%/LC_MESSAGES/station.mo: station/ui/po/%.po | $(BUILD)/.build
	@mkdir -p $(@D)
	@msgfmt --check-format -o $@ $<
$(OBJ)/station/ui/said.o: $(BUILD)/gen/said.def
$(BUILD)/gen/said.def: station/ui/po/de.po
	@mkdir -p $(@D)
	@awk '/^msgctxt "station"/ { on = 1; next } /^msgstr/ { if (on) print ","; on = 0 } \
	 /^msgid_plural/ { skip = 1 } /^msgid / { skip = 0 } on && !skip { sub(/^msgid /, ""); print }' $< >$@
$(OBJ)/station/base/languages.o $(OBJ)/station/ui/dialogue_orders.o: $(BUILD)/gen/languages.def
$(BUILD)/gen/languages.def: $(sort $(wildcard station/ui/po/*.po))
	@mkdir -p $(@D)
	@for po in $^; do sed -n "/^msgid \"code:language\"/{n; s/msgstr \(.*\)/LANGUAGE(\"$$(basename $$po .po)\", \1)/p}" $$po; done >$@
$(OBJ)/station/ui/lang.o: override CPPFLAGS += -DSTATION_LOCALEDIR='"$(PREFIX)/share/locale"'
$(OBJ)/tests/%.o: tests/%.c $(BUILD)/.flags | $(BUILD)/.test
	@mkdir -p $(@D)
	$(Q_CC)$(CC) $(CPPFLAGS) $(PC_TEST_CFLAGS) $(filter-out -fvisibility=hidden,$(CFLAGS)) -c -o $@ $<
$(BUILD)/tests/test_ui $(BUILD)/tests/test_said $(BUILD)/tests/test_dialogue: | $(MO)
$(TESTS): $(BUILD)/tests/%: $(OBJ)/tests/unit/%.o $(LIBT) $(LIBV) $(LIB)
	@mkdir -p $(@D)
	$(Q_LD)$(CC) $(LDFLAGS) $^ $(LIBS_ST) $(LIBS_TEST) -lcriterion -o $@

# --- programs that tests and documentation need, golden files ---

TOOLS := $(patsubst tests/tools/%.c,$(BUILD)/tools/%,$(sort $(wildcard tests/tools/*.c)))
$(TOOLS): $(BUILD)/tools/%: $(OBJ)/tests/tools/%.o $(LIBT) $(LIB)
	@mkdir -p $(@D)
	$(Q_LD)$(CC) $(LDFLAGS) $^ $(LIBS_ST) $(LIBS_$*) -o $@
LIBS_terminal = -lvterm -lutil
LIBS_screens = $(LIBS_terminal)
GOLDEN_REPORTS := $(patsubst %,$(BUILD)/tests/test_%,report_text report_json report_html report_junit yield)
GOLDEN_SCREENS := $(patsubst %,$(BUILD)/tests/test_%,ui ui_views ui_messages dialogue dialogue_questions dialogue_orders picture)
golden: all $(TOOLS) $(GOLDEN_REPORTS) $(GOLDEN_SCREENS) ## rewrite what golden tests expect; read the diff
	@tests/run/golden.sh --write
	@BUILD=$(BUILD) tests/run/golden_reports.sh
	@for t in $(GOLDEN_SCREENS); do STATION_GOLDEN=write $$t >/dev/null 2>&1 || { echo "$$t failed"; exit 1; }; done

# --- fuzzing: one sanitized build of its own; the seconds are shared by the targets ---

FUZZ_SECONDS ?= 60
FUZZ_SRC := $(sort $(wildcard tests/fuzz/fuzz_*.c))
FUZZERS  := $(FUZZ_SRC:tests/fuzz/%.c=$(BUILD)/fuzz/%)
FUZZ_SAN := address,undefined -fno-sanitize-recover=all

fuzz: $(BUILD)/.fuzz                         ## fuzz every parser, FUZZ_SECONDS in all
	@+$(MAKE) --no-print-directory BUILD=$(BUILD)-fuzz CC=clang \
	 CFLAGS='-O1 -g -fsanitize=fuzzer-no-link,$(FUZZ_SAN)' fuzzers
	@tests/fuzz/run.sh $(BUILD)-fuzz $(FUZZ_SECONDS) $(FUZZ_SRC:tests/fuzz/fuzz_%.c=%)
fuzzers: $(FUZZERS)
$(BUILD)/fuzz/fuzz_said: | $(MO)
$(BUILD)/.fuzz: $(BUILD)/.build
	$(call need,$(PKG_FUZZ))
	@touch $@
$(OBJ)/tests/fuzz/%.o: tests/fuzz/%.c $(BUILD)/.flags | $(BUILD)/.build
	@mkdir -p $(@D)
	$(Q_CC)$(CC) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<
$(FUZZERS): $(BUILD)/fuzz/%: $(OBJ)/tests/fuzz/%.o $(LIBV) $(LIB)
	@mkdir -p $(@D)
	$(Q_LD)$(CC) $(LDFLAGS) -fsanitize=fuzzer,$(FUZZ_SAN) $^ $(LIBS_ST) $(LIBS_FUZZ) -o $@

# --- memcheck: the fuzz targets' inputs without a fuzzer, and the station, under memcheck ---

VALGRINDS := $(FUZZ_SRC:tests/fuzz/fuzz_%.c=$(BUILD)/valgrind/%)
valgrind: all $(VALGRINDS) $(patsubst %,$(BUILD)/tests/test_%,usbip proc wire) ## parsers and the station under valgrind
	$(call need,$(PKG_VALGRIND))
	@BUILD=$(BUILD) tests/valgrind/run.sh $(FUZZ_SRC:tests/fuzz/fuzz_%.c=%)
$(VALGRINDS): $(BUILD)/valgrind/%: $(OBJ)/tests/fuzz/fuzz_%.o $(OBJ)/tests/valgrind/corpus.o $(LIBV) $(LIB)
	@mkdir -p $(@D)
	$(Q_LD)$(CC) $(LDFLAGS) $^ $(LIBS_ST) -o $@

# --- tests ---

$(VTESTS): $(BUILD)/virtual/%: $(OBJ)/tests/virtual/%.o $(LIBT) $(LIB)
	@mkdir -p $(@D)
	$(Q_LD)$(CC) $(LDFLAGS) $^ $(shell pkg-config --libs libftdi1 libusb-1.0) -pthread $(LIBS_TEST) -o $@

$(BENCHES): $(BUILD)/bench/%: $(OBJ)/tests/bench/%.o $(LIB)
	@mkdir -p $(@D)
	$(Q_LD)$(CC) $(LDFLAGS) $^ $(LIBS_ST) -o $@

virtual: $(BUILD)/vboard $(BUILD)/libvusbfs.so $(VTESTS) ## try the virtual boards through libftdi and libusb
	@BUILD=$(BUILD) tests/run/virtual.sh
unit: $(TESTS)                               ## run every unit test
	@tests/run/unit.sh $(TESTS)
hdr-check: $(HEADERS:%.h=$(OBJ)/%.hdr)       ## each header compiles on its own
$(OBJ)/%.hdr: %.h | $(BUILD)/.build
	@mkdir -p $(@D)
	@printf '#include "%s"\n' "$(patsubst fixtures/%,%,$(patsubst station/%,%,$<))" | \
	 $(CC) $(CPPFLAGS) $(filter-out -MMD -MP,$(CFLAGS)) -fsyntax-only -xc - && touch $@
lint: hdr-check | $(BUILD)/.test             ## rules that the compiler cannot see
	@for s in tests/lint/*.sh; do $$s || exit 1; done
check: all lint unit                         ## what a commit must pass
format:                                      ## clang-format in place
	clang-format -i $$(find station reports fixtures tests -name '*.[ch]' 2>/dev/null)
demo: all $(BUILD)/.demo                     ## test eight virtual boards, four of them MT3620: most are faulty on purpose
	@BUILD=$(BUILD) tests/run/demo.sh && BUILD=$(BUILD) tests/run/demo-mt3620.sh
operator: all $(BUILD)/.demo                 ## the operator's screen on four virtual boards
	@BUILD=$(BUILD) tests/tools/operator.sh
test: check man $(BUILD)/.demo $(VTESTS) $(BENCHES) $(TOOLS) ## everything: unit tests, lints, runs on virtual boards
	@BUILD=$(BUILD) tests/run/all.sh
# One test at a time in each program: with two, Criterion's runner itself leaks at times.
asan:                                        ## the same under AddressSanitizer and UndefinedBehaviorSanitizer
	+$(MAKE) BUILD=$(BUILD)-asan CFLAGS='-O1 -g $(SAN)' LDFLAGS='$(SAN)' \
	 UNIT_JOBS=$$((2 * $(JOBS))) UNIT_TESTS=1 VIRTUAL_CLIENT_ENV='ASAN_OPTIONS=verify_asan_link_order=0' test
coverage:                                    ## line coverage of the unit tests, worst file first
	+$(MAKE) BUILD=$(BUILD)-cov CFLAGS='-O0 -g --coverage' LDFLAGS=--coverage all unit
	@find $(BUILD)-cov -name '*.gcda' | grep -v /tests/ | xargs gcov -n 2>/dev/null | \
	 awk '/^File/ { f = $$2 } /^Lines/ && f ~ /station|reports|fixtures/ && f !~ /tests/ { \
	  gsub(/[\x27]/, "", f); sub(/Lines executed:/, ""); print $$1, $$3, f; f = "" }' | sort -n | uniq
e2e: all $(BUILD)/e2e/hotplug                ## the station on a real kernel's USB, in QEMU; E2E=CONF
	-$(call need,$(PKG_E2E))
	@BUILD=$(BUILD) tests/e2e/run.sh $(E2E)
$(BUILD)/e2e/hotplug: $(OBJ)/tests/e2e/hotplug.o
	@mkdir -p $(@D)
	$(Q_LD)$(CC) $(LDFLAGS) $^ $(shell pkg-config --libs libusb-1.0) -o $@
bench: all $(BENCHES) $(TOOLS) $(BUILD)/.demo ## figures, each beside its reference of the same run
	@BUILD=$(BUILD) tests/bench/run.sh
# --- installing ---

man: $(BUILD)/station                        ## the manual pages, printed from the tables
	@mkdir -p $(BUILD)/man
	@for p in station.1 station-plan.5 station.conf.5; do \
	 $(BUILD)/station help man $$p >$(BUILD)/man/$$p || exit 1; done
install: all man                             ## into $(DESTDIR)$(prefix)
	@+$(MAKE) --no-print-directory install-files
install-files: # what is built already
	install -D -m 0755 $(BUILD)/station $(DESTDIR)$(BINDIR)/station
	install -D -m 0755 $(BUILD)/vboard $(DESTDIR)$(BINDIR)/vboard
	for m in $(MO:$(BUILD)/%=%); do install -D -m 0644 $(BUILD)/$$m $(DESTDIR)$(PREFIX)/share/$$m || exit 1; done
	install -D -m 0755 $(BUILD)/libvusbfs.so $(DESTDIR)$(BINDIR)/libvusbfs.so
	install -D -m 0644 -t $(DESTDIR)$(MANDIR)/man1 $(BUILD)/man/station.1
	install -D -m 0644 -t $(DESTDIR)$(MANDIR)/man5 $(BUILD)/man/station-plan.5 $(BUILD)/man/station.conf.5
	install -D -m 0644 -t $(DESTDIR)$(UDEVDIR) fixtures/60-station.rules
	install -D -m 0644 -t $(DESTDIR)$(SHAREDIR) station.conf
	install -D -m 0644 -t $(DESTDIR)$(SHAREDIR)/plans plans/*.ini
	install -D -m 0644 -t $(DESTDIR)$(SHAREDIR)/fixtures fixtures/*.ini
	install -D -m 0644 -t $(DESTDIR)$(SHAREDIR)/fixtures/boards fixtures/boards/*.ini
	install -D -m 0644 -t $(DESTDIR)$(SHAREDIR)/fixtures/virtual fixtures/virtual/*.ini
	install -D -m 0644 -t $(DESTDIR)$(SHAREDIR)/fixtures/mt3620 fixtures/mt3620/*.md
	install -D -m 0755 -t $(DESTDIR)$(SHAREDIR)/fixtures/mt3620 fixtures/mt3620/kit.sh
	install -D -m 0644 -t $(DESTDIR)$(SHAREDIR)/schema reports/schema/*
clean:                                       ## remove what was built
	rm -rf $(BUILD) $(BUILD)-asan $(BUILD)-cov $(BUILD)-clang $(BUILD)-fuzz

.PHONY: all operator virtual unit check test man hdr-check lint asan coverage format install install-files clean help deps demo bench fuzz fuzzers golden e2e valgrind
.SECONDARY:

ifneq ($(V),1)
Q_CC = @echo '  CC   $<';
Q_LD = @echo '  LD   $@';
Q_AR = @echo '  AR   $@';
endif
-include $(shell find $(OBJ) -name '*.d' 2>/dev/null)
