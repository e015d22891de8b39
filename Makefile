# Everything this project does, as one word each; CI calls these targets and nothing else.
# Variables are set on make's command line: make run DIR=$$HOME/src, make race COUNT=5.
# Written for GNU make 3.81 (macOS) and later, with bash: no .ONESHELL, no .SHELLFLAGS.

SHELL := bash
.DEFAULT_GOAL := help
.NOTPARALLEL:

# Modules with code, and all of them: tools/ only pins versions, it has no package to test.
MODULES     = . examples benchmarks internal/verify
ALL_MODULES = $(MODULES) tools

# What the root module may require. A third line in go.mod fails make lint.
ROOT_REQUIRES = go.uber.org/goleak golang.org/x/sync

DIR          = $(shell go env GOROOT)/src
ARGS         =
COUNT        = 20
CPUS         = 1,2,4
RACE_TIMEOUT = 15m
BENCH        = .
BENCHCOUNT   = 6
BENCHTIME    = 10m
RUN          = .
T            = 30m
FUZZTIME     =
COVERAGE     = 95
TESTFLAGS    =

CI_STEPS = lint test race-short cover-short test-386 test-arm64 leaks quickstart-check assurance-check examples-smoke explore fuzz bench-smoke

# What make bench profiles for its second build of Forebay.
PROFILED = ^(fire|fire-procs|fire-64|results|batch|ping|fork-join|map|stream)/forebay$$

# The path is absolute because the tools run inside each module.
TOOL = go tool "-modfile=$(CURDIR)/tools/go.mod"

# True where the race detector works: cgo on, its compiler there, the platform supported.
CAN_RACE = { [ "$$(go env CGO_ENABLED)" = 1 ] && \
	command -v "$$(go env CC | awk '{ print $$1 }')" >/dev/null && \
	go list -race errors >/dev/null 2>&1; }

# $(call in-each,MODULES,COMMAND): COMMAND inside each module, stopping at the first failure.
# A comma in COMMAND has to come from a variable.
in-each = set -e; for m in $(1); do (cd "$$m" && $(2)); done

.PHONY: help run test race race-short lint fmt vet test-386 test-arm64 leaks bench bench-anchors bench-micro bench-smoke bench-readme \
	examples quickstart-check examples-smoke explore mutants spin verify assurance assurance-check soak cover cover-short fuzz ci clean

help: ## this list
	@awk 'BEGIN { FS = ":.*## " } /^[a-z0-9-]+:.*## / { printf "  make %-18s %s\n", $$1, $$2 }' \
		$(firstword $(MAKEFILE_LIST))

# Built and then run from here, so that a relative DIR means what it says and Ctrl-C reaches
# the program itself.
run: ## the main job: count words below DIR (default: Go's own source); ARGS="-compare" for more
	@go build -C examples -o ../bin/ ./textstats
	@bin/textstats $(ARGS) "$(DIR)"

test: ## the tests of every module, with -race where it works
	@set -e; race=-race; \
	if ! $(CAN_RACE); then race=; echo "test: without -race, which needs cgo and a C compiler"; fi; \
	for m in $(MODULES); do (cd "$$m" && go test $$race -shuffle=on $(TESTFLAGS) ./...); done

race: ## the root module's tests COUNT times (20) under -race at GOMAXPROCS 1, 2 and 4
	@$(CAN_RACE) || { echo "race: the race detector needs cgo and a C compiler" >&2; exit 1; }
	go test -race -shuffle=on -cpu $(CPUS) -count=$(COUNT) -timeout $(RACE_TIMEOUT) $(TESTFLAGS) ./...

# COUNT=20 of all this takes longer than CI has; it is for make race, before a change is called done.
race-short: ## race with the stress tests scaled down, 3 times, as CI runs it beside a full make test
	@$(MAKE) --no-print-directory race COUNT=3 TESTFLAGS=-short

lint: vet ## gofumpt, vet (also for 386), staticcheck, tidy go.mod files, the two requirements
	@set -e; out=$$($(TOOL) gofumpt -l .); \
	if [ -n "$$out" ]; then echo "lint: make fmt would change:"; echo "$$out"; exit 1; fi
	GOARCH=386 CGO_ENABLED=0 go vet ./...
	@echo "staticcheck ./... in: $(MODULES)"
	@$(call in-each,$(MODULES),$(TOOL) staticcheck ./...)
	@echo "go mod tidy -diff in: $(ALL_MODULES)"
	@$(call in-each,$(ALL_MODULES),go mod tidy -diff)
	@set -e; got=$$(go mod edit -json | sed -n '/"Require"/,/\]/s/.*"Path": "\(.*\)".*/\1/p' | LC_ALL=C sort | xargs); \
	if [ "$$got" != "$(ROOT_REQUIRES)" ]; then \
		echo "lint: go.mod requires: $$got"; echo "lint: it may only require: $(ROOT_REQUIRES)"; exit 1; fi
	@$(call in-each,$(ALL_MODULES),if grep -Hn '^toolchain' go.mod; then echo "lint: $$m/go.mod names a toolchain"; exit 1; fi)

fmt: ## rewrite every file as gofumpt wants it
	$(TOOL) gofumpt -w .

vet: ## go vet in every module
	@echo "go vet ./... in: $(MODULES)"
	@$(call in-each,$(MODULES),go vet ./...)
	cd internal/verify && go vet -tags explore ./...

# Bash answers 126 to a program that the kernel will not execute. qemu-i386 is no way out: Go's
# threads crash under it.
test-386: ## the queue's tests as a 32-bit program, where this machine runs one
	@set -e; host=$$(go env GOHOSTOS)/$$(go env GOHOSTARCH); \
	case $$host in linux/amd64|linux/386) ;; *) echo "test-386: skipped: $$host does not run linux/386 programs"; exit 0 ;; esac; \
	export GOOS=linux GOARCH=386 CGO_ENABLED=0; \
	go test -c -o bin/queue-386.test ./internal/queue; \
	bin/queue-386.test -test.list '^$$' >/dev/null 2>&1 && rc=0 || rc=$$?; \
	if [ $$rc = 126 ]; then echo "test-386: built but not run: this kernel does not execute 386 programs"; \
	else go test -shuffle=on $(TESTFLAGS) ./internal/queue/...; fi

# What runs its own binary again cannot under an emulator. And an emulated arm64 has its host's
# memory order, not the weaker one of a real one.
test-arm64: ## the tests as arm64 programs, where the machine is one or has qemu-aarch64 (Debian: qemu-user)
	@set -e; export GOARCH=arm64; host=$$(go env GOHOSTARCH); \
	if [ $$host = arm64 ]; then go test -short -shuffle=on $(TESTFLAGS) ./...; \
	elif [ $$(go env GOHOSTOS) != linux ] || ! command -v qemu-aarch64 >/dev/null; then \
		echo "test-arm64: skipped: no qemu-aarch64 here"; \
	else CGO_ENABLED=0 go test -short -shuffle=on -skip 'Crash' -exec qemu-aarch64 $(TESTFLAGS) ./...; fi

# Go 1.26 has the profile as an experiment. It finds a goroutine that the test plants, or fails.
leaks: ## the goroutine-leak profile of pools that are open, and of a leak planted there
	@set -e; case $$(go env GOVERSION) in go1.26*) export GOEXPERIMENT=goroutineleakprofile ;; esac; \
	out=$$(go test -run LeakProfile -v ./pool) || { echo "$$out"; exit 1; }; \
	echo "$$out" | grep -v '^===' ; \
	if echo "$$out" | grep -q -e '--- SKIP'; then echo "leaks: the profile is missing"; exit 1; fi

# Forebay runs in a second build too, which the compiler has a profile of these works for.
bench: ## Forebay and its rivals in turns for BENCHTIME (10m), into benchmarks/results/; ARGS for more
	cd benchmarks && go build -o ../bin/bench ./cmd/bench && \
	../bin/bench -time 20s -only '$(PROFILED)' -out ../bin -cpuprofile ../bin/bench.pgo >/dev/null && \
	go build -pgo=../bin/bench.pgo -o ../bin/bench-pgo ./cmd/bench && \
	../bin/bench -time $(BENCHTIME) -profiled ../bin/bench-pgo $(ARGS)

# What has no toolchain here is skipped. The programs are built in bin/anchors, Rust's offline.
bench-anchors: ## pools of Java, Rust and C++ beside Forebay (3m), into benchmarks/results/anchors/; ARGS for more
	cd benchmarks && go run ./cmd/anchors $(ARGS)

bench-readme: ## the newest results into benchmarks/README.md and README.md, as tables and plots
	cd benchmarks && go run ./cmd/readme

bench-micro: ## go test's own benchmarks of pool BENCHCOUNT times (6); BENCH=regexp picks some
	go test -run '^$$' -bench '$(BENCH)' -benchmem -count=$(BENCHCOUNT) -timeout 1h ./pool

bench-smoke: ## every benchmark once, to see that it runs
	go test -run '^$$' -bench . -benchtime=1x ./...
	cd benchmarks && go build -o ../bin/bench ./cmd/bench && ../bin/bench -smoke -profiled ../bin/bench && \
	go run ./cmd/anchors -smoke

examples: ## build, vet and test the programs in examples/
	cd examples && go build -o ../bin/ ./... && go vet ./... && go test -shuffle=on $(TESTFLAGS) ./...

quickstart-check: ## README's first Go program is examples/quickstart, byte for byte
	@awk 'on && /^```/ { exit } on { print } !on && /^```go\r?$$/ { on = 1 }' README.md | \
		diff -u examples/quickstart/main.go - || \
		{ echo "quickstart-check: README.md's first go block is not examples/quickstart/main.go" >&2; exit 1; }
	@echo "quickstart-check: README.md and examples/quickstart/main.go agree"

examples-smoke: ## each example program once, scaled down
	@mkdir -p bin; cd examples && go build -o ../bin/ ./...
	bin/workmanager -jobs 400 -workers 10 -sleep 10ms -compare
	bin/mergesort -n 200000 -workers 1 -queue 1
	bin/mirror -broken 3
	bin/thumbs -make 6 -budget 4 -o bin/thumbnails
	bin/dedupe -min 65536 examples

explore: ## every schedule of the ring, the room, the scheduler, the cell and the frame, up to a bound
	@set -o pipefail; cd internal/verify && go test -tags explore -v -run '$(RUN)' ./... | grep -v '^=== '

mutants: ## known mistakes put into the sources, one at a time: the checks of explore must find each
	cd internal/verify && go run ./mutants

# Spin is no Go program: Debian's package is spin, macOS has it in Homebrew.
spin: ## the Promela model of the idle protocol, and its mutants, with Spin
	internal/verify/spec/run.sh

assurance: ## write docs/assurance.md from the sources
	cd internal/verify && go run ./assurance > ../../docs/assurance.md.new && mv ../../docs/assurance.md.new ../../docs/assurance.md

assurance-check: ## docs/assurance.md is what the sources say
	@cd internal/verify && go run ./assurance | diff -u ../../docs/assurance.md - || \
		{ echo "assurance-check: run make assurance" >&2; exit 1; }
	@echo "assurance-check: docs/assurance.md is up to date"

verify: explore mutants spin ## all three of these, which is the proof

soak: ## a mixed load on the pool for T (30m), with a line a minute; fails on any drift
	go test -run Soak -timeout 0 -v ./pool -soak $(T)

# A block of code is listed once per test binary that could reach it; it counts as covered when
# any of them did. What is not covered is listed, with where it begins; the reasons are in
# docs/assurance.md. Some of it a run hits now and then, so there is a bound and not a fixed list.
cover: ## coverage of pool, future and internal, and what is left; fails if one is below COVERAGE (95) %
	go test -shuffle=on $(TESTFLAGS) -coverprofile=cover.out \
		-coverpkg=./pool/...,./future/...,./internal/... ./pool/... ./future/... ./internal/...
	@awk -v module="$$(go list -m)/" 'NR > 1 { size[$$1] = $$2; if ($$3 > 0) hit[$$1] = 1 } \
		END { for (b in size) if (size[b] > 0 && !(b in hit)) { at = b; sub(module, "", at); split(at, f, /[:.,]/); print f[1] "." f[2] ":" f[3] } }' \
		cover.out | LC_ALL=C sort -t: -k1,1 -k2,2n | while IFS=: read -r file line; do \
			printf '%-34s %s\n' "$$file:$$line" "$$(sed -n "$${line}{s/^[[:space:]]*//;p;}" "$$file")"; done
	@awk -v want="$(COVERAGE)" 'NR > 1 { size[$$1] = $$2; if ($$3 > 0) hit[$$1] = 1 } \
		END { for (b in size) { p = b; sub(/\/[^\/]*$$/, "", p); all[p] += size[b]; n += size[b]; \
				if (b in hit) { did[p] += size[b]; k += size[b] } } \
			for (p in all) { low = 100 * did[p] < want * all[p]; bad += low; \
				printf("%-50s %5.1f%%%s\n", p, 100 * did[p] / all[p], (low ? "  below " want "%" : "")) | "LC_ALL=C sort" } \
			close("LC_ALL=C sort"); if (n) printf "%-50s %5.1f%%\n", "total", 100 * k / n; exit !n || bad }' cover.out

cover-short: ## cover, with the stress tests scaled down
	@$(MAKE) --no-print-directory cover TESTFLAGS=-short

# Executions and not a time: when a time is over, Go before 1.27 may call that a failure, go.dev/issue/75804.
fuzz: ## each fuzz target of internal/queue and pool, some 20 s; FUZZTIME=5m for longer
	@set -e; ran=0; for it in ./internal/queue:600000x ./pool:200000x; do \
		pkg=$${it%:*}; much=$(or $(FUZZTIME),$${it#*:}); list=$$(go test -list '^Fuzz' $$pkg); \
		for f in $$(echo "$$list" | grep '^Fuzz' || true); do \
			echo "fuzz: $$pkg $$f for $$much"; ran=1; \
			go test -run '^$$' -fuzz "^$$f\$$" -fuzztime $$much $$pkg; \
		done; \
	done; [ $$ran = 1 ] || echo "fuzz: no fuzz target in internal/queue or pool"

ci: ## what CI runs, in its order
	@set -e; for step in $(CI_STEPS); do \
		echo "ci: $$step"; start=$$SECONDS; $(MAKE) --no-print-directory $$step; \
		echo "ci: $$step took $$((SECONDS - start)) s"; \
	done; echo "ci: every step is green"

clean: ## remove what the targets above wrote into the tree
	rm -rf bin cover.out
