# Tests on a real cluster: test/e2e/README.md. Included by the Makefile.
.PHONY: e2e

e2e: dist/.built ## Run the tests on a cluster; brings one up where none is (ARGS=... for Jest)
	@test/e2e/e2e.sh $(ARGS)
