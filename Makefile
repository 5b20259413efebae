# make demo        build and start everything on this machine (data in demo-data/)
# make reset-demo  forget the demo's data
# make test        every check there is
# make screenshots photographs of every page (target/screenshots), those of the README anew
# make bench       the table of docs/performance.md
# make fuzz        libFuzzer against every parser of foreign bytes, FUZZ_SECONDS (60) each
# make api         schemathesis against the interface for other programs
# make torture     kill -9, power cuts, damage, a database that dies: each 100 times, then for TORTURE_SECONDS (3600) by TORTURE_SEED
# make mini        the mini-program: its package (miniprogram/dist), its limits, its tests and its stories
# make supply      licences, bans and sources of every dependency (cargo-deny); a list of parts (target/mifeng.cdx.json, CycloneDX)
# make reproducible  two builds in two folders, compared byte for byte
# make web         the browsers' scripts (web/dist), where there is Node 20 or later
.PHONY: demo reset-demo build web test tools fmt clippy doc scripts unit api fuzz mini browser screenshots bench torture supply reproducible
.DEFAULT_GOAL := demo

MIFENG_DEMO_DIR ?= demo-data
export MIFENG_DEMO_DIR
CARGO ?= cargo
RELEASE := target/release

# web/dist is committed: whoever has no Node, or no network for its packages, builds the program with it as it is.
NODE_20 := node -e 'process.exit(parseInt(process.versions.node) >= 20 ? 0 : 1)' 2>/dev/null
NPM_CI := npm ci --no-audit --no-fund --silent
web:
	@if ! $(NODE_20); then echo "web/dist: as committed (to rebuild it: Node 20 or later, for example apt-get install nodejs npm)"; \
	elif cd web && { [ node_modules/.package-lock.json -nt package-lock.json ] || $(NPM_CI); }; then npm run --silent build; \
	else echo "web/dist: as committed (npm ci did not get the packages)"; fi

# The server is built without the feature `open`: the officers' tool alone has the opening code.
build: web
	$(CARGO) build --release --locked --bin mifeng
	$(CARGO) build --release --locked --features open --bin mifeng-office

demo: build
	$(RELEASE)/mifeng demo

# Refuses to remove anything that `make demo` has not made.
reset-demo:
	@if [ -f "$(MIFENG_DEMO_DIR)/this-is-a-demo" ]; then rm -rf -- "$(MIFENG_DEMO_DIR)" && echo "$(MIFENG_DEMO_DIR): removed"; \
	elif [ -e "$(MIFENG_DEMO_DIR)" ]; then echo "$(MIFENG_DEMO_DIR) was not made by make demo; remove it yourself" >&2; exit 1; \
	else echo "$(MIFENG_DEMO_DIR): nothing there"; fi

# The browser tests come last: node's closing lines are those of the whole run.
test: tools fmt clippy doc scripts unit api mini browser

tools:
	@scripts/tools.sh

fmt:
	$(CARGO) fmt --check

clippy:
	$(CARGO) clippy --locked --all-targets --features open -- -D warnings
	$(CARGO) clippy --locked --lib --bin mifeng --test fence -- -D warnings

doc:
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --locked --no-deps --features open

# The committed bundles are what the sources give; then types, and the TypeScript side of the shared vectors.
scripts:
	cd web && $(NPM_CI) && node build.mjs --check && npm run --silent check && npm test --silent

# The server is built without the opening code: what can only be true there, and its start, are tried on that build, as the
# stories in the browser are. All else does not depend on it, and runs once.
unit:
	$(CARGO) test --locked --test fence --test operations
	$(CARGO) test --locked --doc
	MIFENG_NEEDS_POSTGRES=yes MIFENG_NEEDS_OBJECTS=yes scripts/unit.sh

# What stories start, the server last and without the opening code. Built as for the Rust tests, with what those ask of packages: else
# many of them are built once more.
STORIES := $(CARGO) test --locked --features open --no-run --test holders && $(CARGO) test --locked --no-run --test fence

api:
	$(STORIES)
	@scripts/fuzz-api.sh

fuzz:
	@scripts/fuzz.sh

# Its code is that of web/, its words are those of messages/, its stories use what those of tests/browser use.
NPM_CI_ONCE := { [ node_modules/.package-lock.json -nt package-lock.json ] || $(NPM_CI); }
mini:
	$(STORIES)
	cd web && $(NPM_CI_ONCE)
	cd tests/browser && $(NPM_CI_ONCE)
	cd miniprogram && $(NPM_CI_ONCE) && npm run --silent check && npm run --silent build && npm run --silent limits && npm test --silent

browser:
	$(STORIES)
	rm -rf target/looked && mkdir -p target/looked
	cd tests/browser && npm ci --no-audit --no-fund --silent && MIFENG_LOOKED=../../target/looked node --test --test-concurrency=3

screenshots:
	$(STORIES)
	cd tests/browser && npm ci --no-audit --no-fund --silent && node screenshots.mjs

bench:
	$(CARGO) bench --locked --features open --bench table

torture: export TORTURE_SECONDS ?= 3600
torture: export MIFENG_TORTURE = full
torture:
	$(CARGO) test --locked --release --features open --test torture -- --nocapture --include-ignored

# The tools are built once, into target/tools. What is known to be vulnerable needs the network: cargo deny check advisories.
TOOLS := target/tools
TOOL = test -x $(TOOLS)/bin/$(1) || $(CARGO) install --debug --quiet --locked --root $(TOOLS) $(1)
supply:
	@$(call TOOL,cargo-deny)
	$(TOOLS)/bin/cargo-deny --all-features check licenses bans sources
	@$(call TOOL,cargo-cyclonedx)
	$(TOOLS)/bin/cargo-cyclonedx cyclonedx --all-features --format json --override-filename mifeng.cdx
	@mv mifeng.cdx.json target/ && echo "target/mifeng.cdx.json"

reproducible:
	scripts/reproducible.sh
