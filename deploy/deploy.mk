# Installing on a cluster; what and how: deploy/README.md. Included by the Makefile.
.PHONY: deploy undeploy

deploy: ## Install the operator on the current cluster (IMAGE=..., OVERLAY=namespaced)
	@deploy/deploy.sh

undeploy: ## Remove it; your objects and their definitions stay unless CRDS=delete
	@deploy/undeploy.sh
