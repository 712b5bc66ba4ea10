# The one place that says how this project is checked, tested and measured.
.DEFAULT_GOAL := help
.PHONY: help check test race bench build clean

help: ## Show this list
	@awk -F':.*## ' '/^[a-z]+:.*## /{printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# The race detector passes over the packages that only start processes.
test: check ## All checks and tests, as CI runs them
	go test ./...
	go test -short ./engine/local -evict
	go test -race -short $$(go list ./... | grep -v -e /cmd/ -e /internal/crashtest)

check: ## Format, vet, staticcheck, other platforms
	@test -z "$$(gofmt -l .)" || { echo "run gofmt -w on:"; gofmt -l .; exit 1; }
	go vet ./...
	go tool staticcheck ./...
	GOOS=windows go build ./...
	GOOS=darwin go build ./...

race: ## All tests under the race detector, none shortened
	go test -race ./...

bench: ## What the engine and the command cost, beside the disk's own limit
	go run ./bench
	go test -run '^$$' -bench Store ./cmd/pawl

build: ## Build bin/pawl
	go build -o bin/pawl ./cmd/pawl

clean: ## Remove what was built
	rm -rf bin
