# The one place that says how this project is checked, tested and measured.
.DEFAULT_GOAL := help
SHELL := bash
.SHELLFLAGS := -eo pipefail -c
.PHONY: help check test api mcp test-temporal race crash fuzz real bench studio build clean

help: ## Show this list
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# What make test asks of Temporal's older server; make test-temporal asks all of both.
TEMPORAL := TestVersions|TestRestart|TestBuiltin|TestConformance|TestSizes|TestUnwinds|TestEarly|TestLostCall|TestLongRuns|TestFeed|TestMuchInOneTask|TestDeploy|TestTakenTwice|TestTakersMeet|TestTakenWithoutBase|TestSchemasAreChecked|TestEncrypted|TestQueuesApart|TestMatrix|TestScripts|TestTakesUp|TestTakersUpMeet|TestAnotherBuildAsks|TestOthersCall|TestRates|TestRateGone|TestAttributes|TestListsOnServers|TestNobody|TestDefaultModel

# The race detector passes over the packages that only start processes. What is shortened
# there comes whole at the end, with a list of what was skipped. No test depends on how fast
# the machine is: the time limit is for one that hangs.
test: ## All checks and tests, as CI runs them
	@echo "make test: about 35 minutes on two idle cores; what has passed is not run again until it changes"
	@$(MAKE) --no-print-directory check
	go test -timeout 60m -short ./engine/local -evict
	go test -timeout 60m -race -short $$(go list ./... | grep -v -e /cmd/ -e /internal/crashtest)
	PAWL_TEST_TOOLS=1 go run ./scripts/runtests -timeout 60m ./...
	@$(MAKE) --no-print-directory api
	@$(MAKE) --no-print-directory mcp
	scripts/temporal.sh old -short -run '$(TEMPORAL)'
	scripts/studio.sh test

api: ## Ask a server all that its OpenAPI document allows, with schemathesis (a minute; set up once, 100 MB)
	scripts/schemathesis.sh

mcp: ## Test the MCP server with the official suite, inspector and Python SDK (a minute; set up once, 400 MB)
	scripts/mcp.sh

test-temporal: ## Test the engine on Temporal with real servers (set up once: 500 MB, some minutes)
	scripts/temporal.sh

check: ## Format, vet, staticcheck, pawlvet, other platforms
	@test -z "$$(gofmt -l .)" || { echo "run gofmt -w on:"; gofmt -l .; exit 1; }
	go vet ./...
	go tool staticcheck ./...
	go run ./cmd/pawlvet ./pattern ./flows/... ./examples/... ./internal/skeleton/...
	GOOS=windows go build ./...
	GOOS=darwin go build ./...

race: ## All tests under the race detector, none shortened
	go test -timeout 60m -race ./...

CRASHES ?= 1000
PROGRAMS ?= 10000
SEED ?= 1
crash: ## Kill CRASHES processes (1000) under random programs, resume, rerun and fork PROGRAMS (10,000) of them, from SEED (1), kill at every commit, and with 10,000 runs waiting for approval
	go test -timeout 30m -v -run 'TestKilledPrograms$$' ./engine/local -crashes $(CRASHES) -seed $(SEED) | grep -v -e '^ *--- PASS' -e '^=== '
	go test -timeout 120m -run 'TestRandomPrograms$$' ./engine/local -programs $(PROGRAMS) -seed $(SEED)
	go test -timeout 30m -count 1 ./internal/crashtest -waiting 10000
	go test -timeout 30m -count 1 -run 'TestKill|TestTorn|TestDamaged|TestDisk|TestPower' ./journal/sqlite

FUZZTIME ?= 30s
fuzz: ## Every fuzz target for FUZZTIME (30s)
	@for pkg in $$(grep -rl --include='*_test.go' '^func Fuzz' . | xargs -n1 dirname | sort -u); do \
		for f in $$(grep -ho --include='*_test.go' '^func Fuzz[A-Za-z]*' $$pkg/*_test.go | cut -c6-); do \
			go test -run '^$$' -fuzz "^$$f$$$$" -fuzztime $(FUZZTIME) $$pkg || exit 1; \
		done; \
	done

real: ## Ask real model servers (set up from packages, 1.2 GB, once)
	scripts/real.sh

bench: ## What the engine and the command cost, beside the disk's own limit
	go run ./bench
	go test -run '^$$' -bench Store ./cmd/pawl

studio: ## Build the page anew from its sources, and the types of the API that it asks
	scripts/studio.sh build

build: ## Build bin/pawl
	go build -o bin/pawl ./cmd/pawl

clean: ## Remove what was built
	rm -rf bin
