import { readFileSync } from 'node:fs';
import { delimiter, dirname, isAbsolute, join, resolve } from 'node:path';
import { parse } from 'yaml';
import type { Cluster, Credentials } from './cluster.ts';
import { KubeconfigError } from './kubeconfig-error.ts';
import { at, field, list, map, missing, text, texts } from './kubeconfig-fields.ts';
import type { Place } from './kubeconfig-fields.ts';

/** Environment variables: `process.env`, or a test's own. */
export type Environment = Readonly<Record<string, string | undefined>>;

export interface KubeconfigOptions {
  /** This file and no other. Absent: the files of `KUBECONFIG`, else `~/.kube/config`. */
  readonly path?: string;
  /** Absent: the `current-context`. */
  readonly context?: string;
  readonly env: Environment;
  /** Text of a file; throws when there is none. Default: the file system. */
  readonly readFile?: (path: string) => string;
}

/**
 * Reads the cluster that a kubeconfig means, as kubectl does: of several files the first that has a name wins, paths are relative to the
 * file they stand in, data wins over a file beside it.
 * @throws {KubeconfigError} naming file, context and field.
 */
export function loadKubeconfig(options: KubeconfigOptions): Cluster {
  const readFile = options.readFile ?? ((path) => readFileSync(path, 'utf8'));
  const files = findFiles(options, readFile);
  const current = options.context ?? firstText(files, 'current-context');
  const paths = files.map((file) => file.path).join(', ');
  if (current === undefined) throw new KubeconfigError('incomplete', `${paths}: no current-context, and no context was asked for`);
  const context = named(files, 'contexts', 'context', current);
  if (context === undefined)
    throw new KubeconfigError('incomplete', `${paths}: no context ${JSON.stringify(current)}; there are: ${names(files, 'contexts') || 'none'}`);

  const from = (kind: 'cluster' | 'user'): Place | undefined => {
    const name = text(context, kind);
    if (name === undefined) return undefined;
    const found = named(files, `${kind}s`, kind, name);
    if (found !== undefined) return found;
    throw at(context, kind, `${JSON.stringify(name)} is not in ${paths}`);
  };
  const cluster = from('cluster');
  if (cluster === undefined) throw missing(context, 'cluster');
  const user = from('user');
  const namespace = text(context, 'namespace');
  return {
    ...endpoint(cluster, readFile),
    credentials: user === undefined ? { type: 'none' } : credentialsFrom(user, readFile),
    ...(user === undefined ? {} : impersonation(user)),
    ...(namespace === undefined ? {} : { namespace }),
  };
}

/** Where Kubernetes puts what a pod needs to talk to its own cluster. */
const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';

/**
 * The cluster that this process is a pod of. Token and authority are files that the kubelet rotates, so they are read while running.
 * @throws {KubeconfigError} when this is no pod, or its service account is not mounted.
 */
export function inCluster(options: { readonly env: Environment; readonly readFile?: (path: string) => string }): Cluster {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = options.env;
  if (!host || !port) throw new KubeconfigError('incomplete', 'not in a cluster: KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set');
  const readFile = options.readFile ?? ((path) => readFileSync(path, 'utf8'));
  const namespaceFile = join(SERVICE_ACCOUNT, 'namespace');
  let namespace: string;
  try {
    namespace = readFile(namespaceFile).trim();
  } catch (cause) {
    throw new KubeconfigError('incomplete', `${namespaceFile}: ${(cause as Error).message}; is automountServiceAccountToken off?`, { cause });
  }
  return {
    server: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
    caFile: join(SERVICE_ACCOUNT, 'ca.crt'),
    credentials: { type: 'tokenFile', path: join(SERVICE_ACCOUNT, 'token') },
    namespace,
  };
}

/** The pod's own cluster, unless a kubeconfig or a context is named; then, and outside of a pod, the kubeconfig. */
export function discoverCluster(options: KubeconfigOptions): Cluster {
  const named = options.path !== undefined || options.context !== undefined || Boolean(options.env['KUBECONFIG']);
  return !named && options.env['KUBERNETES_SERVICE_HOST'] ? inCluster(options) : loadKubeconfig(options);
}

function findFiles({ path, env }: KubeconfigOptions, readFile: (path: string) => string): readonly Place[] {
  if (path !== undefined) return [load(path, readFile)];
  const listed = (env['KUBECONFIG'] ?? '').split(delimiter).filter((part) => part !== '');
  const home = env['HOME'] ?? env['USERPROFILE'];
  const wanted = listed.length > 0 ? listed : home === undefined ? [] : [join(home, '.kube', 'config')];
  // kubectl passes over files of the list that do not exist, so people list files that come and go.
  const files = wanted.flatMap((file) => loadIfPresent(file, readFile) ?? []);
  if (files.length > 0) return files;
  throw new KubeconfigError('incomplete', `no kubeconfig: ${wanted.length === 0 ? 'neither KUBECONFIG nor HOME is set' : `${wanted.join(', ')} not found`}`);
}

function loadIfPresent(path: string, readFile: (path: string) => string): Place | undefined {
  try {
    return load(path, readFile);
  } catch (error) {
    if (error instanceof KubeconfigError && (error.cause as NodeJS.ErrnoException | undefined)?.code === 'ENOENT') return undefined;
    throw error;
  }
}

function load(path: string, readFile: (path: string) => string): Place {
  let content: string;
  try {
    content = readFile(path);
  } catch (cause) {
    throw new KubeconfigError('unreadable', `${path}: ${(cause as Error).message}`, { cause });
  }
  let value: unknown;
  try {
    value = parse(content) ?? {};
  } catch (cause) {
    // The parser quotes the line it stumbled on, which may be a token: its position is enough.
    const { linePos } = cause as { linePos?: readonly { line: number; col: number }[] };
    throw new KubeconfigError('unreadable', `${path}: no YAML${linePos?.[0] === undefined ? '' : ` at line ${linePos[0].line}`}`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new KubeconfigError('unreadable', `${path}: no kubeconfig`);
  return { path, where: '', value: value as Readonly<Record<string, unknown>> };
}

function firstText(files: readonly Place[], name: string): string | undefined {
  for (const file of files) {
    const value = text(file, name);
    if (value !== undefined) return value;
  }
  return undefined;
}

/** The entry of a list of `{name, <key>: {…}}`, from the first file that has it. */
function named(files: readonly Place[], listName: string, key: string, name: string): Place | undefined {
  for (const file of files) {
    for (const entry of list(file, listName)) {
      if (text(entry, 'name') !== name) continue;
      const found = map(entry, key);
      return { path: file.path, where: `${key} ${JSON.stringify(name)}`, value: found?.value ?? {} };
    }
  }
  return undefined;
}

function names(files: readonly Place[], listName: string): string {
  return files.flatMap((file) => list(file, listName).map((entry) => text(entry, 'name') ?? '?')).join(', ');
}

function endpoint(cluster: Place, readFile: (path: string) => string): Omit<Cluster, 'credentials'> {
  const server = text(cluster, 'server');
  if (server === undefined) throw missing(cluster, 'server');
  if (!URL.canParse(server) || !/^https?:$/.test(new URL(server).protocol))
    throw at(cluster, 'server', `${JSON.stringify(server)} is no http or https address`);
  const ca = pem(cluster, 'certificate-authority', readFile);
  const insecure = field(cluster, 'insecure-skip-tls-verify') === true;
  if (insecure && ca !== undefined) throw at(cluster, 'insecure-skip-tls-verify', 'cannot be true beside a certificate-authority');
  const tlsServerName = text(cluster, 'tls-server-name');
  const proxyUrl = text(cluster, 'proxy-url');
  if (proxyUrl !== undefined && !(URL.canParse(proxyUrl) && /^https?:$/.test(new URL(proxyUrl).protocol))) {
    throw at(cluster, 'proxy-url', 'only http and https proxies are supported'); // not quoted: it may hold a password
  }
  return {
    server,
    ...(ca === undefined ? {} : { ca }),
    ...(insecure ? { insecureSkipTlsVerify: true } : {}),
    ...(tlsServerName === undefined ? {} : { tlsServerName }),
    ...(proxyUrl === undefined ? {} : { proxyUrl }),
  };
}

function credentialsFrom(user: Place, readFile: (path: string) => string): Credentials {
  if (map(user, 'auth-provider') !== undefined) throw at(user, 'auth-provider', 'is not supported: Kubernetes dropped it in 1.26; use exec');
  const cert = pem(user, 'client-certificate', readFile);
  const key = pem(user, 'client-key', readFile);
  if ((cert === undefined) !== (key === undefined))
    throw missing(user, cert === undefined ? 'client-certificate' : 'client-key', ': one is of no use without the other');
  const token = text(user, 'token');
  const tokenFile = text(user, 'tokenFile');
  if (cert !== undefined && key !== undefined) return { type: 'certificate', cert, key, ...(token === undefined ? {} : { token }) };
  // As client-go: the file is the one that is kept up to date.
  if (tokenFile !== undefined) return { type: 'tokenFile', path: relative(user, tokenFile) };
  if (token !== undefined) return { type: 'token', token };
  const username = text(user, 'username');
  if (username !== undefined) return { type: 'basic', username, password: text(user, 'password') ?? '' };
  const exec = map(user, 'exec');
  return exec === undefined ? { type: 'none' } : execFrom(exec);
}

function execFrom(exec: Place): Credentials {
  const apiVersion = text(exec, 'apiVersion');
  if (apiVersion !== 'client.authentication.k8s.io/v1' && apiVersion !== 'client.authentication.k8s.io/v1beta1') {
    throw at(exec, 'apiVersion', `${JSON.stringify(apiVersion ?? '')} is not client.authentication.k8s.io/v1 or v1beta1`);
  }
  const command = text(exec, 'command');
  if (command === undefined) throw missing(exec, 'command');
  if (text(exec, 'interactiveMode') === 'Always') throw at(exec, 'interactiveMode', 'Always is not supported: there is nobody to ask');
  const installHint = text(exec, 'installHint');
  return {
    type: 'exec',
    apiVersion,
    // Without a slash it is a program on the PATH.
    command: /[/\\]/.test(command) ? relative(exec, command) : command,
    args: texts(exec, 'args') ?? [],
    env: Object.fromEntries(list(exec, 'env').map((entry) => [text(entry, 'name') ?? '', text(entry, 'value') ?? ''])),
    ...(field(exec, 'provideClusterInfo') === true ? { provideClusterInfo: true } : {}),
    ...(installHint === undefined ? {} : { installHint }),
  };
}

function impersonation(user: Place): Pick<Cluster, 'impersonate'> {
  const name = text(user, 'as');
  const uid = text(user, 'as-uid');
  const groups = texts(user, 'as-groups');
  const extras = map(user, 'as-user-extra');
  const extra = extras && Object.fromEntries(Object.keys(extras.value).map((key) => [key, texts(extras, key) ?? []]));
  if (name === undefined) {
    if (uid !== undefined || groups !== undefined || extra !== undefined) throw missing(user, 'as', ' beside as-uid, as-groups or as-user-extra');
    return {};
  }
  return {
    impersonate: { user: name, ...(uid === undefined ? {} : { uid }), ...(groups === undefined ? {} : { groups }), ...(extra === undefined ? {} : { extra }) },
  };
}

/** A certificate or key: base64 in `<name>-data`, or the file that `<name>` is the path of. */
function pem(place: Place, name: string, readFile: (path: string) => string): string | undefined {
  const data = text(place, `${name}-data`);
  const path = data === undefined ? text(place, name) : undefined;
  if (data === undefined && path === undefined) return undefined;
  const used = data === undefined ? name : `${name}-data`;
  let decoded: string;
  try {
    decoded = data === undefined ? readFile(relative(place, path ?? '')) : Buffer.from(data, 'base64').toString('utf8');
  } catch (cause) {
    throw at(place, used, (cause as Error).message, cause);
  }
  if (!decoded.includes('-----BEGIN ')) throw at(place, used, 'holds no PEM');
  return decoded;
}

function relative(place: Place, path: string): string {
  return isAbsolute(path) ? path : resolve(dirname(place.path), path);
}
