/** The pages of the site, in the order in which a newcomer reads them. `test/docs/site.test.ts` compares them with the files. */
export const SECTIONS: readonly (readonly [string, readonly string[]])[] = [
  ['Start', ['README.md', 'docs/quickstart.md', 'docs/concepts.md', 'docs/faq.md', 'docs/comparison.md']],
  [
    'Scripts',
    [
      'docs/authoring.md',
      'docs/guest.md',
      'docs/env.md',
      'docs/debugging.md',
      'docs/manifests.md',
      'examples/README.md',
    ],
  ],
  [
    'Ways in',
    [
      'docs/kubectl.md',
      'docs/dashboard.md',
      'docs/schedules.md',
      'docs/gateway.md',
      'docs/endpoints.md',
      'docs/agents.md',
      'examples/gitops/README.md',
    ],
  ],
  [
    'Operation',
    [
      'docs/install.md',
      'charts/copepod/README.md',
      'docs/chart-values.md',
      'deploy/README.md',
      'deploy/argocd/README.md',
      'docs/tenants.md',
      'docs/sizing.md',
      'docs/autoscaling.md',
      'examples/keda/README.md',
      'docs/monitoring.md',
      'docs/runbooks.md',
      'docs/tracing.md',
      'docs/operations.md',
      'docs/reliability.md',
      'docs/security.md',
      'SECURITY.md',
    ],
  ],
  ['Reference', ['docs/api.md', 'docs/glossary.md', 'CHANGELOG.md']],
  [
    'Inside',
    [
      'docs/architecture.md',
      'docs/decisions/README.md',
      'docs/decisions/forked-sandboxes.md',
      'docs/decisions/listed-tenants.md',
      'docs/decisions/new-flows-first.md',
      'docs/decisions/one-dispatcher.md',
      'docs/decisions/own-kubernetes-client.md',
      'docs/decisions/pods-report-limits.md',
      'docs/decisions/request-before-claim.md',
      'docs/decisions/traces.md',
      'CONTRIBUTING.md',
    ],
  ],
];

export const PAGES: readonly string[] = SECTIONS.flatMap(([, pages]) => pages);
