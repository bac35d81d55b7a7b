import { execFile } from 'node:child_process';
import type { Clock } from './clock.ts';
import type { Cluster, ExecCredentials } from './cluster.ts';
import { ApiError } from './error.ts';
import { parseTimestamp } from './time.ts';

/** What a login program gave us. `expiresAt`: ms since the epoch, absent when it holds until it is refused. */
export interface ExecCredential {
  readonly token?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly expiresAt?: number;
}

const PROGRAM_LIMIT_MS = 60_000;
const OUTPUT_LIMIT_BYTES = 1024 * 1024;

/**
 * Runs the program of an exec credential once. It gets no terminal: operators have none.
 * @throws {ApiError} `Unauthorized`, with the program's last words: nothing was sent to the server.
 */
export async function runExecPlugin(cluster: Cluster, exec: ExecCredentials, signal: AbortSignal): Promise<ExecCredential> {
  const info = {
    apiVersion: exec.apiVersion,
    kind: 'ExecCredential',
    spec: { interactive: false, ...(exec.provideClusterInfo === true ? { cluster: clusterInfo(cluster) } : {}) },
  };
  const env = { ...process.env, ...exec.env, KUBERNETES_EXEC_INFO: JSON.stringify(info) };
  const output = await new Promise<string>((resolve, reject) => {
    const options = { env, signal, timeout: PROGRAM_LIMIT_MS, maxBuffer: OUTPUT_LIMIT_BYTES, windowsHide: true };
    const child = execFile(exec.command, [...exec.args], options, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(refused(exec, error.code === 'ENOENT' ? `not found. ${exec.installHint ?? ''}` : stderr.trim().slice(-500) || error.message, error));
    });
    child.stdin?.end();
  });
  return readCredential(exec, output);
}

/** When to ask the program again: a tenth of the lifetime early, so that no call travels with a token that ends on its way. */
export function refreshAt(credential: ExecCredential, clock: Clock): number {
  if (credential.expiresAt === undefined) return Infinity;
  const now = clock.now();
  return now + (credential.expiresAt - now) * 0.9;
}

function readCredential(exec: ExecCredentials, output: string): ExecCredential {
  let answer: { kind?: string; apiVersion?: string; status?: Readonly<Record<string, unknown>> };
  try {
    answer = JSON.parse(output) as typeof answer;
  } catch (cause) {
    throw refused(exec, 'printed no JSON', cause); // its text stays out of the message: it may hold the token
  }
  if (answer?.kind !== 'ExecCredential' || answer.apiVersion !== exec.apiVersion) throw refused(exec, `printed no ExecCredential of ${exec.apiVersion}`);
  const { token, clientCertificateData: cert, clientKeyData: key, expirationTimestamp } = answer.status ?? {};
  const identified = typeof token === 'string' || (typeof cert === 'string' && typeof key === 'string');
  if (!identified) throw refused(exec, 'printed neither a token nor a certificate with its key');
  const expiresAt = typeof expirationTimestamp === 'string' ? parseTimestamp(expirationTimestamp) : Number.NaN;
  return {
    ...(typeof token === 'string' ? { token } : {}),
    ...(typeof cert === 'string' && typeof key === 'string' ? { cert, key } : {}),
    ...(Number.isNaN(expiresAt) ? {} : { expiresAt }),
  };
}

function clusterInfo(cluster: Cluster): unknown {
  return {
    server: cluster.server,
    ...(cluster.ca === undefined ? {} : { 'certificate-authority-data': Buffer.from(cluster.ca).toString('base64') }),
    ...(cluster.tlsServerName === undefined ? {} : { 'tls-server-name': cluster.tlsServerName }),
    ...(cluster.insecureSkipTlsVerify === true ? { 'insecure-skip-tls-verify': true } : {}),
    ...(cluster.proxyUrl === undefined ? {} : { 'proxy-url': cluster.proxyUrl }),
  };
}

function refused(exec: ExecCredentials, message: string, cause?: unknown): ApiError {
  return new ApiError({ code: 401, reason: 'Unauthorized', message: `login program ${exec.command}: ${message}` }, { cause });
}
