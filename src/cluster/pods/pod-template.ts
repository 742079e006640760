/** What is known of every runtime pod by its template: the operator writes it, and whoever calls pods relies on it. */

/** Label of the objects of a runtime: its name. */
export const RUNTIME_LABEL = 'copepod.dev/runtime';
/** Selects the objects of all runtimes, including their pods. */
export const MANAGED_SELECTOR = 'app.kubernetes.io/managed-by=copepod';
export const POD_PORT = 8080;
/** Name of the container that runs scripts. */
export const CONTAINER = 'runtime';
/** On each pod: digest of its template. */
export const TEMPLATE_ANNOTATION = 'copepod.dev/template';
