/**
 * The kubeconfig loader of the Kubernetes client, and nothing else of it: the bundle of the CLI has this one class, and neither
 * a user of the library nor the image needs the package with its thousands of models.
 */
export { KubeConfig } from '@kubernetes/client-node';
