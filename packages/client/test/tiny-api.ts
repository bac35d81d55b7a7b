import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

export const fixture = (name: string): string => readFileSync(new URL(`fixtures/${name}`, import.meta.url), 'utf8');

export interface TinyApi extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  /** Heads of all requests so far. */
  readonly requests: readonly IncomingMessage[];
  /** Connections ever made, and those that are open. */
  readonly connections: { readonly made: number; readonly open: number };
  /** The bearer token asked for; none at first. */
  token: string | undefined;
  /** Breaks every open connection. */
  cut(): void;
}

/** The least that a Transport can be tried on, over TLS on loopback: ConfigMaps of one namespace that can be created, read and watched. */
export async function tinyApi(): Promise<TinyApi> {
  const objects = new Map<string, string>();
  const watchers = new Set<ServerResponse>();
  const sockets = new Set<Socket>();
  const requests: IncomingMessage[] = [];
  let made = 0;
  const api = { token: undefined as string | undefined };
  const collection = '/api/v1/namespaces/default/configmaps';

  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    requests.push(request);
    const url = new URL(request.url ?? '', 'https://x');
    const say = (code: number, body: string) => response.writeHead(code, { 'Content-Type': 'application/json', Warning: ['299 - "a"', '299 - "b"'] }).end(body);
    const refuse = (code: number, reason: string) =>
      say(code, JSON.stringify({ kind: 'Status', apiVersion: 'v1', status: 'Failure', reason, code, message: reason }));
    if (api.token !== undefined && request.headers.authorization !== `Bearer ${api.token}`) return refuse(401, 'Unauthorized');
    if (request.method === 'POST') {
      const body = await read(request);
      const stored = body.replace('"metadata":{', '"metadata":{"uid":"1","resourceVersion":"1",');
      objects.set((JSON.parse(body) as { metadata: { name: string } }).metadata.name, stored);
      say(201, stored);
      for (const watcher of watchers) watcher.write(`{"type":"ADDED","object":${stored}}\n`);
      return undefined;
    }
    if (url.pathname === collection && url.searchParams.get('watch') === 'true') {
      watchers.add(response);
      response.on('close', () => watchers.delete(response));
      response.writeHead(200).flushHeaders();
      return undefined;
    }
    if (url.pathname === collection)
      return say(200, `{"kind":"ConfigMapList","apiVersion":"v1","metadata":{"resourceVersion":"1"},"items":[${[...objects.values()].join()}]}`);
    const found = objects.get(decodeURIComponent(url.pathname.slice(collection.length + 1)));
    return found === undefined ? refuse(404, 'NotFound') : say(200, found);
  };

  const server = createServer(
    { key: fixture('server.key'), cert: fixture('server.crt'), requestCert: true, rejectUnauthorized: false },
    (request, response) => {
      answer(request, response).catch((error: unknown) => response.destroy(error as Error));
    },
  );
  server.on('connection', (socket: Socket) => {
    made += 1;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const cut = () => sockets.forEach((socket) => socket.destroy());
  return Object.assign(api, {
    url: `https://127.0.0.1:${port}`,
    port,
    requests,
    connections: {
      get made() {
        return made;
      },
      get open() {
        return sockets.size;
      },
    },
    cut,
    [Symbol.asyncDispose]() {
      cut();
      return new Promise<void>((resolve) => server.close(() => resolve()));
    },
  });
}

async function read(request: IncomingMessage): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of request) chunks.push(chunk as Uint8Array);
  return Buffer.concat(chunks).toString('utf8');
}
