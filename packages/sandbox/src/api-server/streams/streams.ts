import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { http } from '@binnacle/client';
import { Refusal } from '../../refusal.ts';
import { authenticate } from '../auth/authenticate.ts';
import { authorise } from '../auth/authorise.ts';
import type { Core } from '../core/core.ts';
import type { Incoming } from '../http/call.ts';
import { isTrue, requestInfo } from '../http/request-info.ts';
import type { RequestInfo, ResourceRequest } from '../http/request-info.ts';
import { badRequest, internal } from '../refusals.ts';
import { callOf, refusalAnswer } from '../server/handle.ts';
import { containerOf } from '../subresource/log.ts';
import { checkProtocol, openChannels } from './channels.ts';
import type { Channels, Heard, Upgrade } from './channels.ts';
import { attach, commandOf, exec, wantedStreams } from './exec.ts';
import { runningPod } from './pod.ts';
import { portForward, portsOf } from './port-forward.ts';

/** Parts of a pod that are streams in both directions. */
const STREAMS: ReadonlySet<string> = new Set(['exec', 'attach', 'portforward']);

/** Whether a request may be one for a stream: others are answered as if they had asked for no upgrade, which is what HTTP says of upgrades that are not known. */
export function asksForStream({ method = 'GET', url = '/' }: IncomingMessage): boolean {
  return isStream(requestInfo(method, url.split('?')[0]!, new URLSearchParams()));
}

/**
 * Answers an upgrade: authenticated and authorised like any request, then streams until an end is reached. Never throws: a refusal is an answer with a
 * Status, on the connection that would have become the stream.
 */
export async function answerUpgrade(core: Core, upgrade: Upgrade): Promise<void> {
  const { request, socket } = upgrade;
  // From here on nobody else listens; a connection that breaks shows in its 'close'.
  socket.on('error', () => undefined);
  const gone = new AbortController();
  socket.on('close', () => gone.abort());
  let opened = false;
  const open = (heard: Heard): Channels => {
    opened = true;
    return openChannels(upgrade, core.closing, heard);
  };
  try {
    await stream(core, request, open, AbortSignal.any([gone.signal, core.closing]));
  } catch (error) {
    if (opened) socket.destroy();
    else refuse(socket, error instanceof Refusal ? error : internal((error as Error).message));
  }
}

async function stream(core: Core, request: IncomingMessage, open: (heard: Heard) => Channels, signal: AbortSignal): Promise<void> {
  const incoming = incomingOf(request, signal);
  const call = callOf(incoming, authenticate(core, incoming), new Set());
  const info = requestInfo(call.method, call.pathname, call.query);
  authorise(core, call, info);
  if (!isStream(info)) throw internal(`${call.pathname} is no stream`);
  const { object, kubelet } = runningPod(core, info);
  const pod = { namespace: info.namespace!, name: info.name! };
  if (info.subresource === 'portforward') {
    checkProtocol(request);
    return portForward(open, kubelet, pod, portsOf(call.query), signal);
  }
  const wanted = wantedStreams(call.query);
  const container = containerOf(object, call.query.get('container') ?? '');
  if (info.subresource === 'exec') {
    const command = commandOf(call.query);
    checkProtocol(request);
    return exec(open, kubelet, pod, container, command, wanted);
  }
  if (wanted.stdin || isTrue(call.query.get('tty')))
    throw badRequest('the programs of this server read no input and have no terminal: attach without -i and -t');
  const lines = kubelet.logs(pod, container, { follow: true, tailLines: 0, since: undefined, previous: false, timestamps: false, signal });
  checkProtocol(request);
  return attach(open, lines, wanted);
}

function isStream(info: RequestInfo): info is ResourceRequest {
  return info.resource && info.group === '' && info.plural === 'pods' && info.name !== undefined && STREAMS.has(info.subresource ?? '');
}

function incomingOf(request: IncomingMessage, signal: AbortSignal): Incoming {
  const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : (value ?? '')]));
  return { method: request.method ?? 'GET', path: request.url ?? '/', headers, body: new Uint8Array(), signal };
}

/** By hand, since the connection is no longer the HTTP server's. */
function refuse(socket: Duplex, refusal: Refusal): void {
  const { status, headers, body } = refusalAnswer(refusal);
  const bytes = Buffer.from(body as string);
  const lines = Object.entries({ ...headers, 'content-length': String(bytes.byteLength), connection: 'close' }).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(Buffer.concat([Buffer.from(`HTTP/1.1 ${status} ${http.STATUS_CODES[status] ?? ''}\r\n${lines.join('')}\r\n`), bytes]));
}
