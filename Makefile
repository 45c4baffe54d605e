# make             build everything into bin/ (CC=clang, CC=musl-gcc work too)
# make demo        a daytime pair on the ladder, then an echo pair, at work
# make test        build, then run the whole suite (tests/run finds bats)
# make bench       measures the echo servers against each other (python3)
# make pictures    draws each lesson's ladder.svg anew (Linux)
# make lint        clang-format, clang-tidy, cppcheck, shellcheck and mandoc
# make install     into PREFIX (/usr/local), below DESTDIR where that is given;
#                  with SYSTEMD=1 the units of simple-services too
# make uninstall   takes away what install brought
# make clean       removes what was built
# make help        shows this
#
# TESTS=FILE...    only these: make TESTS=tests/load/load.bats test
# SANITIZE=1       with AddressSanitizer and UBSan: make SANITIZE=1 test
# WERROR=1         warnings are errors, as in CI

PREFIX = /usr/local
CFLAGS = -O2 -g
ifdef SANITIZE
sanitize = -fsanitize=address,undefined -fno-sanitize-recover=all
endif

# _GNU_SOURCE brings POSIX.1-2008 and Linux's own calls; elsewhere it means
# nothing, and everything is visible under -std=c11 anyway.
flags = -std=c11 -D_GNU_SOURCE -pthread -Isrc -Wall -Wextra -Wpedantic \
	-Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Wvla \
	$(if $(WERROR),-Werror) $(sanitize) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS)
compile = @echo '$(CC) -o $@'; \
	$(CC) $(flags) -MMD -MP -MT $@ -MF bin/.build/$(@F).d

# Each lesson's folder, 03-server-listen-accept, names its program; the source
# in it has a dash, which the exercise and what students keep of it have not.
# epoll(7) is Linux's.
ifneq ($(shell uname -s),Linux)
linux_sources = %/echo-server-epoll.c
endif
lesson_sources = $(filter-out $(linux_sources),$(wildcard lessons/*/*-*.c))
program_of = bin/$(notdir $(patsubst %/,%,$(dir $(1))))
lessons = $(foreach source,$(lesson_sources),$(call program_of,$(source)))
toolkit = bin/echo-server bin/echo-client bin/daytime-server \
	bin/daytime-client bin/simple-services
shared = bin/.build/netprog.o bin/.build/arguments.o bin/.build/toolkit.o \
	bin/.build/services.o $(patsubst src/server/%.c,bin/.build/server-%.o, \
	$(wildcard src/server/*.c))
peer = bin/.build/peer

# The ladder and the load tool are Linux's. musl-gcc does not look where the
# kernel's headers are.
ifeq ($(shell uname -s),Linux)
ladder = bin/ladder
load = bin/echo-load
histogram_check = bin/.build/histogram-check
endif
ladder_objects = $(patsubst src/ladder/%.c,bin/.build/ladder-%.o, \
	$(wildcard src/ladder/*.c))
load_objects = $(patsubst src/load/%.c,bin/.build/load-%.o, \
	$(wildcard src/load/*.c))
kernel_headers = $(if $(findstring musl-gcc,$(CC)),-idirafter /usr/include \
	-idirafter /usr/include/$(shell gcc -print-multiarch))

all: $(lessons) $(toolkit) $(peer) $(ladder) $(load) \
	$(histogram_check) bin/lesson

$(foreach source,$(lesson_sources),$(eval \
	$(call program_of,$(source)): $(source)))
$(toolkit): bin/%: src/%.c
$(peer): tests/peer.c tests/peer-other.c
$(lessons) $(toolkit) $(peer): bin/.build/shared.a
	$(compile) -o $@ $(filter %.c,$^) $(filter %.a,$^)

bin/.build/shared.a: $(shared)
	@rm -f $@
	@$(AR) rc $@ $^

bin/.build/server-%.o: src/server/%.c
	$(compile) $(kernel_headers) -c -o $@ $<

$(filter-out bin/.build/server-%,$(shared)): bin/.build/%.o: src/%.c
	$(compile) -c -o $@ $<

bin/ladder: $(ladder_objects)
	$(compile) -o $@ $(filter %.o,$^)

$(ladder_objects): bin/.build/ladder-%.o: src/ladder/%.c
	$(compile) $(kernel_headers) -c -o $@ $<

bin/echo-load: src/echo-load.c $(load_objects) bin/.build/shared.a
	$(compile) -o $@ $(filter %.c %.o,$^) $(filter %.a,$^) -lm

$(histogram_check): tests/load/histogram.c bin/.build/load-histogram.o
	$(compile) -o $@ $(filter %.c %.o,$^)

$(load_objects): bin/.build/load-%.o: src/load/%.c
	$(compile) -c -o $@ $<

# What a student works on is built on request alone (bin/lesson check asks): it
# need not compile, and its warnings are the student's to read.
exercises_in = bin/exercises
exercises = $(patsubst lessons/%/exercise.c,$(exercises_in)/%,$(wildcard \
	lessons/*/exercise.c))
$(exercises): $(exercises_in)/%: lessons/%/exercise.c bin/.build/shared.a
	@mkdir -p $(@D)
	@$(CC) $(filter-out -Werror,$(flags)) -o $@ $^

bin/lesson: src/lesson.sh
	install -m 755 $< $@

# Whatever was built with another compiler or other flags is built anew.
$(lessons) $(toolkit) $(peer) $(shared) $(ladder) $(ladder_objects) \
$(load) $(load_objects) $(histogram_check): bin/.build/flags
bin/.build/flags: .force
	@mkdir -p $(@D)
	@echo '$(CC) $(flags)' | cmp -s - $@ || echo '$(CC) $(flags)' > $@
.force:

-include $(wildcard bin/.build/*.d)

demo: all
	@sh src/demo.sh

test: all
	@tests/run $(TESTS)

bench: all
	@tests/bench/echo.py

pictures: all
	@sh src/pictures.sh

lint:
	@sh tests/lint

destination = $(DESTDIR)$(PREFIX)
doc = $(destination)/share/doc/netprog
units = $(notdir $(wildcard src/systemd/*))
install: all $(if $(SYSTEMD),install-units)
	install -d "$(destination)/bin" "$(doc)/src" "$(doc)/lessons"
	install -m 755 $(lessons) $(toolkit) $(load) $(ladder) bin/lesson \
		"$(destination)/bin"
	install -m 644 README.md LICENSE "$(doc)"
	install -m 644 src/netprog.h src/netprog.c "$(doc)/src"
	install -m 644 lessons/README.md "$(doc)/lessons"
	for lesson in $(notdir $(lessons)); do \
		install -d "$(doc)/lessons/$$lesson" && \
		install -m 644 $$(ls -d lessons/$$lesson/* | grep -v 'exercise\.mine') \
			"$(doc)/lessons/$$lesson" || exit; \
	done

install-units:
	install -d "$(destination)/lib/systemd/system"
	for unit in $(units); do \
		sed 's|@bindir@|$(PREFIX)/bin|' src/systemd/$$unit \
			> "$(destination)/lib/systemd/system/$$unit" || exit; \
	done

uninstall:
	cd "$(destination)" && rm -f $(units:%=lib/systemd/system/%)
	cd "$(destination)/bin" && \
		rm -f $(notdir $(lessons) $(toolkit) $(load) $(ladder)) lesson
	rm -rf "$(doc)"

# The man pages of what is built here; a lesson has a text instead.
man = $(destination)/share/man/man1
pages = $(wildcard $(patsubst bin/%,src/man/%.1, \
	$(toolkit) $(ladder) $(load) bin/lesson))

install: install-pages
install-pages:
	install -d "$(man)"
	install -m 644 $(pages) "$(man)"

uninstall: uninstall-pages
uninstall-pages:
	rm -f $(patsubst src/man/%,"$(man)"/%,$(pages))

clean:
	rm -rf bin/.build $(lessons) $(toolkit) $(ladder) $(load) \
		$(histogram_check) bin/lesson bin/exercises

help:
	@sed -n -e '/^#/!q' -e 's/^# \{0,1\}//p' Makefile

.PHONY: all demo test bench pictures lint install install-units uninstall \
	install-pages uninstall-pages clean help .force
