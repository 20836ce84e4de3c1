# `make` builds. As root: `make demo` runs the main job, `make test` installs what is missing and runs every test.
DOTNET ?= dotnet
CONFIGURATION ?= Release
export DOTNET_CLI_TELEMETRY_OPTOUT = 1
export DOTNET_NOLOGO = 1
export DOTNET_CLI_UI_LANGUAGE = en

.PHONY: build demo test campaign packages clean

build:
	$(DOTNET) build --configuration $(CONFIGURATION) --nologo --verbosity quiet
	$(DOTNET) publish provider/Pulumi.Blanket.Cli --configuration $(CONFIGURATION) --output bin --nologo --verbosity quiet

demo: packages build
	bin/blanket lab demo

test: packages build
	$(DOTNET) test --no-build --configuration $(CONFIGURATION) --no-ansi --no-progress

# The random tests with their full counts. What passed is noted below bin/campaign, by commit, so it can be interrupted and
# taken up again. Exit code 8 is a test project that has none of them.
campaign: packages build
	BLANKET_CAMPAIGN=$(CURDIR)/bin/campaign/$$(git rev-parse --short HEAD) $(DOTNET) test --no-build --configuration $(CONFIGURATION) \
		--no-ansi --no-progress --filter-trait campaign=yes --ignore-exit-code 8

# Debian's packages that the lab is made of; does nothing where they are there.
packages:
	.ci/packages

clean:
	rm -rf bin
	$(DOTNET) clean --configuration $(CONFIGURATION) --nologo --verbosity quiet
