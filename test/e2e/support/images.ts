/** Host functions beside the product: test/e2e/host-functions. */
export const HOST_FUNCTIONS_IMAGE = process.env.HOST_FUNCTIONS_IMAGE ?? 'localhost/copepod-host-functions:dev';
