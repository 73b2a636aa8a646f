# What a developer and CI type. `make help` lists it.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

# Gin's msgpack codec is 7 MB that RCP never uses. Programs build without the
# tag too, only bigger.
export GOFLAGS := -tags=nomsgpack

# Tools are pinned in mod files of their own, so that they neither weigh on the
# program's dependencies nor change with them.
gofumpt  := go tool -modfile=.tools/gofumpt/go.mod gofumpt
golangci := go tool -modfile=.tools/golangci-lint/go.mod golangci-lint

version := $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
ldflags := -s -w -X main.version=$(version)
binary  := bin/rcp

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z][a-z-]*:.*## /{printf "  %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: check
check: fmt-check vet lint house ## what a change must pass before it is shown

.PHONY: fmt
fmt: ## format the code
	$(gofumpt) -w .

.PHONY: fmt-check
fmt-check:
	@unformatted=$$($(gofumpt) -l .); \
	if [ -n "$$unformatted" ]; then \
		printf 'not formatted (run make fmt):\n%s\n' "$$unformatted" >&2; exit 1; \
	fi

.PHONY: vet
vet:
	go vet ./...

.PHONY: lint
lint:
	$(golangci) run ./...

.PHONY: house
house:
	go test -count=1 ./internal/house

.PHONY: test
test: ## install what the tests need (as root on Debian), then run them all
	.ci/install
	go test -count=1 -timeout=30m ./...

.PHONY: bench
bench: ## measure what the README promises
	go test -count=1 -run='^$$' -bench=. -timeout=40m ./internal/bench

.PHONY: build
build: ## build bin/rcp, static
	CGO_ENABLED=0 go build -trimpath -ldflags='$(ldflags)' -o '$(binary)' ./cmd/rcp

.PHONY: demo
demo: ## two fictional teams on http://127.0.0.1:8080
	go run ./cmd/rcp demo

.PHONY: tidy
tidy: ## tidy every mod file
	go mod tidy
	cd .tools/gofumpt && go mod tidy
	cd .tools/golangci-lint && go mod tidy

.PHONY: clean
clean: ## remove what make built
	rm -rf bin
