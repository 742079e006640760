export {
  Client,
  type ClientOptions,
  type Executed,
  type ExecuteOptions,
  type ExecuteSpec,
  RefusedError,
} from './client.ts';
