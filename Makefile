# Start with `make demo` and `make test`. Each target installs what it needs.
.DEFAULT_GOAL := help
SHELL := /bin/bash
export PATH := $(CURDIR)/node_modules/.bin:$(PATH)

.PHONY: help demo test test-collector test-cronjobs test-monitoring lint format build generate bench bench-memory bench-gateway bench-gateway-overload bench-cluster bench-cluster-gateway bench-overload bench-beside bench-from-zero fuzz wpt docs sbom image-reproducible soak clean

help: ## Show this list
	@awk 'BEGIN {FS = ":.*## "} /^[a-z][a-z0-9-]*:.*## / {printf "  \033[36m%-23s\033[0m %s\n", $$1, $$2}' $(MAKEFILE_LIST) \
	| if [ -t 1 ]; then cat; else sed 's/\x1b\[[0-9;]*m//g'; fi

# `npm install`, not `npm ci`: a partial registry mirror lacks optional packages of other platforms, and `ci` then
# refuses the lock file. --no-save leaves package.json and the lock file as they are; versions come from the lock.
node_modules/.installed: package.json package-lock.json
	@command -v npm >/dev/null || { echo "copepod needs npm (Node 20 or later) to bring its own Node 26: https://nodejs.org" >&2; exit 1; }
	@echo "==> Installing packages (Node 26 among them; 20 s to some minutes, by the connection)"
	@npm install --no-save --loglevel=error
	@node_modules/.bin/node --version >/dev/null || { echo "Node 26 does not start here (above). It needs libatomic.so.1: on Debian and Ubuntu, apt-get install libatomic1" >&2; exit 1; }
	@touch $@

SOURCES := $(shell find src scripts crds -type f 2>/dev/null)

dist/.built: node_modules/.installed $(SOURCES) tsconfig.json tsconfig.build.json
	@echo "==> Building dist/"
	@npm run --silent build
	@touch $@

build: dist/.built ## Build the CLI and the library into dist/

demo: dist/.built ## Run the examples without a cluster
	@node scripts/demo.ts

test: dist/.built ## Run the lint and all tests
	@npm run --silent lint
	@npm test --silent -- $(ARGS)

test-cronjobs: dist/.built ## Run schedules beside real CronJobs, a quarter of an hour by the clock
	@npm run --silent test-cronjobs -- $(ARGS)

test-monitoring: dist/.built ## Test alerts with promtool, and dashboards with a real Prometheus
	@npm run --silent test-monitoring -- $(ARGS)

test-collector: dist/.built ## Test traces with an OpenTelemetry Collector, built from source the first time
	@npm run --silent test-collector -- $(ARGS)

lint: node_modules/.installed ## Check style, types and import directions
	@npm run --silent lint

format: node_modules/.installed ## Rewrite the sources in the project's style
	@npm run --silent format

generate: node_modules/.installed ## Make types and reference from crds/
	@npm run --silent generate

bench: dist/.built ## Compare the engine with alternatives
	@node bench/main.ts $(ARGS)

bench-memory: dist/.built ## Measure what idle sandboxes of a hundred tenants hold
	@node bench/memory/main.ts $(ARGS)

bench-gateway: dist/.built ## Compare the gateway without a cluster with the engine, workerd and a bare server
	@node bench/gateway/main.ts $(ARGS)

bench-gateway-overload: dist/.built ## Offer the gateway without a cluster ten times what it can run
	@node bench/gateway-overload/main.ts $(ARGS)

bench-cluster: node_modules/.installed ## Compare the operator with the API server alone and with Jobs, on a cluster
	@node bench/cluster/main.ts $(ARGS)

bench-cluster-gateway: node_modules/.installed ## Compare objects, execute and endpoints, on a cluster
	@node bench/cluster-gateway/main.ts $(ARGS)

bench-overload: node_modules/.installed ## Overload the operator, on a cluster
	@node bench/overload/main.ts $(ARGS)

bench-beside: node_modules/.installed ## Compare the operator with that of another commit, on a cluster (BEFORE=COMMIT)
	@bench/beside/main.sh $(ARGS)

bench-from-zero: node_modules/.installed ## Time an execution without a pod beside a bare pod, on a cluster
	@node bench/from-zero/main.ts $(ARGS)

fuzz: node_modules/.installed ## Fuzz all parsers of untrusted input, a minute each (ARGS="--minutes 10 --only frames")
	@node test/fuzz/main.ts $(ARGS)

wpt: dist/.built ## Run web-platform-tests in sandboxes and in Node (WPT=CHECKOUT; ARGS="--area URL,streams")
	@node test/wpt/runner/main.ts $(WPT) $(ARGS)

docs: ## Build the site of the docs into dist-site/ (DOCS_REPOSITORY=URL that files that are no pages are below)
	@scripts/site.sh

sbom: dist/.built ## List what the package and the image hold, as CycloneDX (ARGS="--out FILE")
	@npm run --silent sbom -- $(ARGS)

image-reproducible: ## Build the image of a commit twice, without a cache, and compare the digests (COMMIT=HEAD)
	@scripts/release/reproducible.sh $(COMMIT)

soak: dist/.built ## Run 22,000 executions, hostile ones included, and report
	@node bench/soak.ts $(ARGS)

include test/cluster/cluster.mk
include test/e2e/e2e.mk
include test/chaos/chaos.mk
include deploy/deploy.mk

clean: ## Remove what was built and installed
	rm -rf dist dist-site node_modules
