/**
 * Where a Kubernetes API is and who we are to it. Made by `loadKubeconfig()`, `inCluster()` or `discoverCluster()`, or by hand.
 * Certificates and keys are PEM text.
 */
export interface Cluster {
  /** `https://host:port`, with the path that a proxy in front of it may want. Credentials are never sent over `http://`, but for loopback. */
  readonly server: string;
  /** Absent: the authorities that Node trusts. */
  readonly ca?: string;
  /** Instead of `ca`, a file that is looked at again every 60 s, because clusters rotate their authority. */
  readonly caFile?: string;
  /** Believe any certificate: whoever answers learns the credentials. */
  readonly insecureSkipTlsVerify?: boolean;
  /** The name the server's certificate is checked for, where it is not the host in `server`. */
  readonly tlsServerName?: string;
  readonly credentials: Credentials;
  readonly impersonate?: {
    readonly user: string;
    readonly uid?: string;
    readonly groups?: readonly string[];
    readonly extra?: Readonly<Record<string, readonly string[]>>;
  };
  /** `http://` or `https://`, with `user:password@` if the proxy asks for it. */
  readonly proxyUrl?: string;
  /** The namespace meant where none is said. */
  readonly namespace?: string;
}

export type Credentials =
  | { readonly type: 'none' }
  | { readonly type: 'token'; readonly token: string }
  /** Read again at most every 60 s: the kubelet replaces a pod's token before it runs out. */
  | { readonly type: 'tokenFile'; readonly path: string }
  /** `token` beside it for a proxy that asks for one: the API server itself goes by the certificate. */
  | { readonly type: 'certificate'; readonly cert: string; readonly key: string; readonly token?: string }
  | { readonly type: 'basic'; readonly username: string; readonly password: string }
  | ExecCredentials;

/** A program that prints an `ExecCredential`, as cloud providers' logins do. */
export interface ExecCredentials {
  readonly type: 'exec';
  readonly apiVersion: 'client.authentication.k8s.io/v1' | 'client.authentication.k8s.io/v1beta1';
  readonly command: string;
  readonly args: readonly string[];
  /** Beside the environment of this process. */
  readonly env: Readonly<Record<string, string>>;
  /** Tell the program about the cluster. */
  readonly provideClusterInfo?: boolean;
  /** What to tell somebody who has not got the program. */
  readonly installHint?: string;
}
