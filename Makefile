# Everything goes through npm scripts, which run the Node that package.json names, whatever Node the machine has.
.DEFAULT_GOAL := help
.PHONY: help demo test proof e2e differential check fmt generate bench
INSTALLED := node_modules/.package-lock.json

help: ## This list
	@sed -n 's/^\([a-z0-9]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST)

$(INSTALLED): package-lock.json
	npm ci --no-audit --no-fund --loglevel=error
	@touch $@

demo: $(INSTALLED) ## A Doris and a Hazelcast cluster on the sandbox; ONCE=1: exit when they are Ready
	@trap 'exit 0' INT; npm run -s demo -- $(if $(ONCE),--once)

test: check ## Types, lint, generated files, unit, property and sandbox tests
	@npm run -s unit

proof: $(INSTALLED) ## Every crash point of every story, one by one; prints how many there were
	@npm run -s proof

e2e: $(INSTALLED) ## The suites on a real control plane, real tools, a real cluster; says what is missing. PART=tools: one of them
	@npm run -s e2e -- $(PART)

differential: $(INSTALLED) ## Random requests to the sandbox and to a real API server, compared; REQUESTS=100000: so many
	@npm run -s differential -- $(if $(REQUESTS),--requests $(REQUESTS))

check: $(INSTALLED) ## Types, lint, format and generated files only
	npm run -s typecheck
	npm run -s lint
	npm run -s fmt:check
	npm run -s generate:check

fmt: $(INSTALLED) ## Formats the sources
	npm run -s fmt

generate: $(INSTALLED) ## Writes CRDs, RBAC, reference pages and golden files
	npm run -s generate

bench: $(INSTALLED) ## Prints what docs/bench.md shows; CRS=100,1000: so many clusters per operator
	@npm run -s bench -- $(if $(CRS),--crs $(CRS))
