export { alarm } from './clock.ts';
export type { Alarm, Clock } from './clock.ts';
export { systemClock } from './system-clock.ts';
export { microTimestamp, parseTimestamp, timestamp } from './time.ts';
export type { Request, Response, Transport } from './transport.ts';
export { NetworkError } from './network.ts';
export type { Network, NetworkErrorCode } from './network.ts';
export {
  ApiError,
  isAlreadyExists,
  isConflict,
  isExpired,
  isForbidden,
  isInvalid,
  isNamespaceTerminating,
  isNotFound,
  isTooManyRequests,
  isUnreachable,
} from './error.ts';
export type { Status, StatusCause } from './error.ts';
export { apiVersionOf, groupResourceOf, kind } from './kind.ts';
export type { AnyKind, DeepReadonly, Kind, KubernetesObject, Live, LiveMeta, Of, Scope } from './kind.ts';
export type {
  Api,
  DeleteOptions,
  JsonPatchOperation,
  List,
  ListOptions,
  Patch,
  Reader,
  Ref,
  WatchEvent,
  WatchOptions,
  Writable,
  Written,
  WriteOptions,
  Writer,
} from './api.ts';
export { connect } from './connect.ts';
export type { Wire } from './caller.ts';
export { undiciTransport } from './undici-transport.ts';
export type { Cluster, Credentials, ExecCredentials } from './cluster.ts';
export { discoverCluster, inCluster, loadKubeconfig } from './kubeconfig.ts';
export type { Environment, KubeconfigOptions } from './kubeconfig.ts';
export { KubeconfigError } from './kubeconfig-error.ts';
export type { KubeconfigErrorCode } from './kubeconfig-error.ts';
export { http } from './node-http.ts';
export { requestOver } from './request-over.ts';
export type { OneRequest } from './request-over.ts';
export { tcpNetwork } from './tcp-network.ts';
export { portForwardNetwork } from './port-forward.ts';
export { conditionOf, isReady } from './conditions.ts';
export type { Condition, Conditioned } from './conditions.ts';
export { until } from './until.ts';
export { evict, scale, scaleOf, tokenOf } from './subresources.ts';
export type { Scale } from './subresources.ts';
