import { createHash, randomBytes } from 'node:crypto';
import type { Duplex } from 'node:stream';
import type { Dispatcher } from 'undici';

/** From RFC 6455 §1.3: what a server that understood puts behind the key. */
const ACCEPT_SUFFIX = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
/** Of a refusal's body; a Status is a few hundred bytes. */
const REFUSAL_BYTES_MOST = 64 * 1024;

/** The server answered, but not with 101. */
export class UpgradeRefused extends Error {
  override readonly name = 'UpgradeRefused';
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/**
 * Makes a connection a WebSocket and hands it over, frames and all.
 * @throws {UpgradeRefused} with the message of the Status that came instead. @throws {Error} no answer, the signal's reason included.
 */
export function upgradeToWebSocket(
  dispatcher: Dispatcher,
  request: { readonly path: string; readonly headers: Readonly<Record<string, string | string[]>>; readonly protocol: string },
  signal: AbortSignal,
): Promise<Duplex> {
  const key = randomBytes(16).toString('base64');
  const accept = createHash('sha1').update(`${key}${ACCEPT_SUFFIX}`).digest('base64');
  const headers = { ...request.headers, 'sec-websocket-key': key, 'sec-websocket-version': '13', 'sec-websocket-protocol': request.protocol };
  return new Promise((resolve, reject) => {
    let status = 0;
    let body = '';
    let abort = () => undefined as void;
    const settled = () => signal.removeEventListener('abort', abort);
    dispatcher.dispatch(
      { method: 'GET', path: request.path, headers, upgrade: 'websocket' },
      {
        onRequestStart(controller) {
          abort = () => controller.abort(signal.reason as Error);
          if (signal.aborted) abort();
          else signal.addEventListener('abort', abort, { once: true });
        },
        onRequestUpgrade(_controller, _status, answered, socket) {
          settled();
          if (answered['sec-websocket-accept'] === accept && answered['sec-websocket-protocol'] === request.protocol) return resolve(socket);
          socket.destroy();
          reject(new UpgradeRefused(101, `the server does not speak ${request.protocol}`));
        },
        onResponseStart(_controller, code) {
          status = code;
        },
        onResponseData(_controller, chunk) {
          if (body.length < REFUSAL_BYTES_MOST) body += chunk.toString('utf8');
        },
        onResponseEnd() {
          settled();
          reject(new UpgradeRefused(status, messageOf(body) ?? `the server answered ${status}`));
        },
        onResponseError(_controller, error) {
          settled();
          reject(error);
        },
      },
    );
  });
}

function messageOf(body: string): string | undefined {
  try {
    const { message } = JSON.parse(body) as { readonly message?: unknown };
    return typeof message === 'string' ? message : undefined;
  } catch {
    // A proxy's page, not the API server's Status.
    return undefined;
  }
}
