/** `unreadable`: no file, no YAML; `incomplete`: something is missing; `invalid`: a field is not what it should be, or not supported. */
export type KubeconfigErrorCode = 'unreadable' | 'incomplete' | 'invalid';

/** A kubeconfig does not say how to reach a cluster. The message names the file, the entry and the field, and no secret. */
export class KubeconfigError extends Error {
  override readonly name = 'KubeconfigError';
  readonly code: KubeconfigErrorCode;
  constructor(code: KubeconfigErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
