import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { test } from 'node:test';
import { tcpNetwork } from './index.ts';

const never = () => new AbortController().signal;

test('a stream carries bytes both ways, and outlives the signal that its opening had', async () => {
  await using server = await echo();
  const controller = new AbortController();
  const stream = await tcpNetwork().connect({ host: '127.0.0.1', port: server.port }, controller.signal);
  controller.abort();
  stream.write('hello');
  const [answer] = (await once(stream, 'data')) as [Buffer];
  assert.equal(answer.toString(), 'hello');
  stream.destroy();
});

test('a port where nobody listens is refused', async () => {
  await assert.rejects(tcpNetwork().connect({ host: '127.0.0.1', port: 1 }, never()), { name: 'NetworkError', code: 'refused', message: /127\.0\.0\.1:1/ });
});

test('a name that does not exist is unresolved', async () => {
  // A label of more than 63 letters is no name to any resolver, so nothing is asked of the network.
  await assert.rejects(tcpNetwork().connect({ host: `${'a'.repeat(64)}.invalid`, port: 1 }, never()), { name: 'NetworkError', code: 'unresolved' });
});

test('no answer before the signal is lost', async () => {
  const reason = new Error('time is up');
  await assert.rejects(tcpNetwork().connect({ host: '127.0.0.1', port: 1 }, AbortSignal.abort(reason)), { code: 'lost', cause: reason });
  const controller = new AbortController();
  const opening = tcpNetwork().connect({ host: '127.0.0.1', port: 1 }, controller.signal);
  controller.abort(reason);
  await assert.rejects(opening, { code: 'lost', cause: reason });
});

async function echo() {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => socket.destroy()));
    socket.pipe(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      return new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
