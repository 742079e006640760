# A real Kubernetes for tests: see test/cluster/README.md. Included by the Makefile.
.PHONY: cluster cluster-down kubeconfig image

cluster: ## Start a one-node Kubernetes (CLUSTER=existing: use the current kubeconfig context; CLUSTER=kind)
	@test/cluster/cluster.sh up

cluster-down: ## Stop that Kubernetes and remove everything it made
	@test/cluster/cluster.sh down

kubeconfig: ## Print the path of its kubeconfig
	@test/cluster/cluster.sh kubeconfig

image: node_modules/.installed ## Build the product's container image and load it into the cluster, where one runs
	@scripts/image.sh
