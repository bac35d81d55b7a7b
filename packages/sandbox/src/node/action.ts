import type { Clock, DeepReadonly, Network } from '@binnacle/client';
import type { HTTPGetAction, Container as PodContainer, TCPSocketAction } from '@binnacle/client/kinds';
import type { Duplex } from 'node:stream';

/** What a probe or a hook does. */
export interface PodAction {
  readonly exec?: { readonly command?: readonly string[] };
  readonly httpGet?: DeepReadonly<HTTPGetAction>;
  readonly tcpSocket?: DeepReadonly<TCPSocketAction>;
  readonly sleep?: { readonly seconds: number };
  readonly grpc?: unknown;
}

/** Where it is done. `network`: the node's, which reaches every pod. */
export interface ActionWorld {
  readonly clock: Clock;
  readonly network: Network;
  readonly podIp: string;
  readonly container: DeepReadonly<PodContainer>;
  readonly exec: (command: readonly string[]) => Promise<{ readonly exitCode: number; readonly output: string }>;
}

/** Nobody sees it: an error made for each probe would cost more than the probe. */
const OVER = new Error('the probe is over');

/** The head of an answer is all a probe reads. */
const HEAD_BYTES_MOST = 10 * 1024;

/**
 * Does it once. Resolves to undefined when it went well, else to what to tell people. Never throws; without an answer in `timeoutMs` it has failed.
 */
export async function perform(action: PodAction, world: ActionWorld, timeoutMs: number, signal: AbortSignal): Promise<string | undefined> {
  const late = new AbortController();
  using _timer = world.clock.timer(timeoutMs, () => late.abort(new DOMException('timed out', 'TimeoutError')));
  const until = AbortSignal.any([signal, late.signal]);
  try {
    return await Promise.race([attempt(action, world, until), aborted(until)]);
  } catch (error) {
    if (late.signal.aborted && !signal.aborted && action.exec !== undefined)
      return `command timed out: ${JSON.stringify(action.exec.command ?? [])} timed out after ${timeoutMs / 1000}s`;
    return error instanceof Error ? error.message : String(error);
  } finally {
    // Lets go of everything that still listens for the end: a pod is probed for a long time.
    late.abort(OVER);
  }
}

async function attempt(action: PodAction, world: ActionWorld, signal: AbortSignal): Promise<string | undefined> {
  if (action.sleep !== undefined) {
    await world.clock.sleep(action.sleep.seconds * 1000, signal);
    return undefined;
  }
  if (action.exec !== undefined) {
    const { exitCode, output } = await world.exec(action.exec.command ?? []);
    return exitCode === 0 ? undefined : `command failed with exit code ${exitCode}: ${output}`;
  }
  if (action.tcpSocket !== undefined) {
    const address = { host: action.tcpSocket.host ?? world.podIp, port: portOf(world.container, action.tcpSocket.port) };
    (await world.network.connect(address, signal)).destroy();
    return undefined;
  }
  if (action.httpGet !== undefined) return httpGet(action.httpGet, world, signal);
  return 'the sandbox cannot do this kind of probe';
}

async function httpGet(get: DeepReadonly<HTTPGetAction>, world: ActionWorld, signal: AbortSignal): Promise<string | undefined> {
  if (get.scheme === 'HTTPS') return 'the sandbox has no TLS between node and pod';
  const host = get.host ?? world.podIp;
  const port = portOf(world.container, get.port);
  const stream = await world.network.connect({ host, port }, signal);
  try {
    const asked = new Set((get.httpHeaders ?? []).map(({ name }) => name.toLowerCase()));
    const headers = [
      ...(asked.has('host') ? [] : [`Host: ${host}:${port}`]),
      ...(asked.has('user-agent') ? [] : ['User-Agent: kube-probe/1.36']),
      ...(get.httpHeaders ?? []).map(({ name, value }) => `${name}: ${value}`),
      'Connection: close',
    ];
    stream.write(`GET ${get.path ?? '/'} HTTP/1.1\r\n${headers.join('\r\n')}\r\n\r\n`);
    const code = await statusCode(stream, signal);
    return code >= 200 && code < 400 ? undefined : `HTTP probe failed with statuscode: ${code}`;
  } finally {
    stream.destroy();
  }
}

/** Only the first line matters: a probe asks for no body. */
async function statusCode(stream: Duplex, signal: AbortSignal): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  let answered = false;
  const none = () => {
    if (!answered) reject(new Error('no HTTP answer'));
  };
  let head = '';
  // Not as an iterator: that makes an error whenever it is left early, which a probe always does.
  stream.on('data', (chunk: Buffer) => {
    head += chunk.toString('latin1');
    const match = /^HTTP\/1\.[01] (\d{3})[ \r]/.exec(head);
    if (match !== null) resolve(Number(match[1]));
    else if (head.length > HEAD_BYTES_MOST) none();
  });
  stream.on('end', none);
  stream.on('close', none);
  stream.on('error', reject);
  signal.addEventListener('abort', none, { once: true });
  if (stream.destroyed) none();
  try {
    return await promise;
  } finally {
    answered = true;
    signal.removeEventListener('abort', none);
  }
}

/** @throws {Error} when a named port is not the container's. */
function portOf(container: DeepReadonly<PodContainer>, port: string | number): number {
  if (typeof port === 'number') return port;
  if (/^\d+$/.test(port)) return Number(port);
  const named = (container.ports ?? []).find(({ name }) => name === port);
  if (named === undefined) throw new Error(`container has no port named "${port}"`);
  return named.containerPort;
}

async function aborted(signal: AbortSignal): Promise<never> {
  if (!signal.aborted) await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
  throw signal.reason;
}
