# `make` builds. As root: `make demo` runs the main job, `make test` installs what is missing and runs every test.
DOTNET ?= dotnet
CONFIGURATION ?= Release
export DOTNET_CLI_TELEMETRY_OPTOUT = 1
export DOTNET_NOLOGO = 1

.PHONY: build demo test campaign bench packages clean

build:
	$(DOTNET) build --configuration $(CONFIGURATION) --nologo --verbosity quiet
	$(DOTNET) publish provider/Pulumi.Blanket.Cli --configuration $(CONFIGURATION) --output bin --nologo --verbosity quiet

demo: packages build
	bin/blanket lab demo

test: packages build
	$(DOTNET) test --no-build --configuration $(CONFIGURATION) --no-ansi --no-progress

# The random tests with their full counts. What passed is noted below bin/campaign, so it can be interrupted and taken up again.
campaign: packages build
	BLANKET_CAMPAIGN=$(CURDIR)/bin/campaign $(DOTNET) test --no-build --configuration $(CONFIGURATION) --no-ansi --no-progress --filter-trait campaign=yes

# Debian's packages that the lab is made of; does nothing where they are there.
packages:
	.ci/packages

clean:
	rm -rf bin
	$(DOTNET) clean --configuration $(CONFIGURATION) --nologo --verbosity quiet
