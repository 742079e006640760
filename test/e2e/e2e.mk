# Tests on a real cluster: see test/e2e/README.md. Included by the Makefile.
.PHONY: e2e e2e-keda e2e-chart

e2e: dist/.built ## Run the tests on a cluster; brings one up where none is (ARGS=... for Jest)
	@test/e2e/e2e.sh $(ARGS)

e2e-keda: dist/.built ## Try KEDA on a cluster, built from source the first time (10 to 30 minutes)
	@test/keda/e2e.sh $(ARGS)

e2e-chart: dist/.built ## Install, upgrade, roll back and uninstall the Helm chart on a cluster
	@test/helm/e2e.sh $(ARGS)
