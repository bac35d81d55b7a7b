import type { Duplex } from 'node:stream';

/**
 * How a controller reaches what runs inside the cluster: a database port, a member's health page. `host` is a cluster DNS name
 * (`basic-fe.default.svc.cluster.local`, `pod.service.namespace.svc.cluster.local`; the suffix may be left out from `svc` on) or a pod's IP.
 * In production it is TCP and the cluster's DNS; in the sandbox it is streams inside the process.
 */
export interface Network {
  /**
   * Opens a byte stream.
   * @throws {NetworkError} `unresolved`: no such name now; `refused`: nobody listens; `lost`: no answer before `signal`.
   */
  connect(address: { readonly host: string; readonly port: number }, signal: AbortSignal): Promise<Duplex>;
}

export type NetworkErrorCode = 'unresolved' | 'refused' | 'lost';

/** No stream was opened; trying later may heal it. */
export class NetworkError extends Error {
  override readonly name = 'NetworkError';
  readonly code: NetworkErrorCode;
  constructor(code: NetworkErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
