# `make` builds. As root: `make demo` runs the main job, `make test` installs what is missing and runs every test.
DOTNET ?= dotnet
CONFIGURATION ?= Release
export DOTNET_CLI_TELEMETRY_OPTOUT = 1
export DOTNET_NOLOGO = 1
export DOTNET_CLI_UI_LANGUAGE = en
# Compilers and tests live for a minute, mostly in code that was just compiled: without a second mapping of that code, counters in it and a collector
# beside it they take a quarter less of the processors.
export DOTNET_EnableWriteXorExecute = 0
export DOTNET_TieredPGO = 0
export DOTNET_gcConcurrent = 0
# As provider/Directory.Build.props has it for our own programs: no worker spins for work.
export DOTNET_ThreadPool_UnfairSemaphoreSpinLimit = 0

# One build of all that is needed, with a compiler server of its own: without one, each compilation starts the compiler anew.
BUILD = $(DOTNET) build .ci/Build.proj --nologo --verbosity quiet -p:Configuration=$(CONFIGURATION) -p:UseSharedCompilation=true -p:SharedCompilationId=blanket-$(shell echo $$PPID)
# Tests end with `make`, also when it is killed.
BOUND = $(shell command -v setpriv > /dev/null && echo setpriv --pdeathsig KILL)

.PHONY: build provider schema bench demo test test-kvm campaign packages product tested clean

build:
	$(DOTNET) build --configuration $(CONFIGURATION) --nologo --verbosity quiet
	$(DOTNET) publish provider/Pulumi.Blanket.Cli --configuration $(CONFIGURATION) --output bin --nologo --verbosity quiet

# The plugin and the agent, compiled ahead of time: one file each, with no runtime to install.
provider:
	$(DOTNET) publish provider/Pulumi.Blanket.Provider --configuration $(CONFIGURATION) --output bin --nologo --verbosity quiet
	$(DOTNET) publish provider/Pulumi.Blanket.Agent --configuration $(CONFIGURATION) --output bin --nologo --verbosity quiet

# Writes schema/schema.json anew, from the definitions of the resources; a test fails where it is not as they say.
schema:
	$(DOTNET) build provider/Pulumi.Blanket.Provider --configuration $(CONFIGURATION) --nologo --verbosity quiet
	mkdir -p bin
	provider/Pulumi.Blanket.Provider/bin/$(CONFIGURATION)/net10.0/pulumi-resource-blanket schema > bin/schema.json
	mv bin/schema.json schema/schema.json

# Measures, beside baselines of the same run; the goals are in docs/performance.md.
bench: build provider
	$(DOTNET) publish tests/Pulumi.Blanket.Benchmarks.Baseline --configuration $(CONFIGURATION) --output bin/bench --nologo --verbosity quiet
	$(DOTNET) publish tests/Pulumi.Blanket.Benchmarks.Calls --configuration $(CONFIGURATION) --output bin/bench --nologo --verbosity quiet
	tests/Pulumi.Blanket.Benchmarks/bin/$(CONFIGURATION)/net10.0/Pulumi.Blanket.Benchmarks

# The plugin, the agent and the command, in bin/.
product:
	$(BUILD) -t:Product

# The same, and the tests.
tested:
	$(BUILD) -t:All

demo: packages product
	bin/blanket lab demo

# Two projects at a time: one has labs that keep the processors busy, and the other mostly waits for its own.
test: packages tested
	$(BOUND) $(DOTNET) test --no-build --configuration $(CONFIGURATION) --no-ansi --no-progress --max-parallel-test-modules 2

# Whether KVM is found, in an emulated machine whose KVM is real. A part of `test`, too: it takes half a minute. Exit code 8 is a test project that has none of them.
test-kvm: packages tested
	$(BOUND) $(DOTNET) test --no-build --configuration $(CONFIGURATION) --no-ansi --no-progress --filter-trait kvm=yes --ignore-exit-code 8

# The random tests with their full counts. What passed is noted below bin/campaign, by commit, so it can be interrupted and
# taken up again. Exit code 8 is a test project that has none of them.
campaign: packages tested
	BLANKET_CAMPAIGN=$(CURDIR)/bin/campaign/$$(git rev-parse --short HEAD) $(DOTNET) test --no-build --configuration $(CONFIGURATION) \
		--no-ansi --no-progress --filter-trait campaign=yes --ignore-exit-code 8

# Debian's packages that the lab is made of; does nothing where they are there.
packages:
	.ci/packages

clean:
	rm -rf bin
	$(DOTNET) clean --configuration $(CONFIGURATION) --nologo --verbosity quiet
