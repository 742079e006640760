# Fault injection on a cluster: see test/chaos/README.md. Included by the Makefile.
.PHONY: chaos

chaos: dist/.built ## Kill, pause and cut off all that runs executions, and count them (an hour; ARGS="--help")
	@test/chaos/chaos.sh $(ARGS)
