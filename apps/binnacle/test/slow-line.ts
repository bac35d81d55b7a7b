import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

/** A line to a port of this machine on which every piece takes its time, or nothing gets through at all. */
export interface SlowLine extends AsyncDisposable {
  readonly port: number;
  /** From now on what is sent either way never arrives, and nothing tells. */
  freeze(): void;
}

/** Opens one; `delayMs` each way. */
export async function slowLine(to: number, delayMs: number): Promise<SlowLine> {
  let frozen = false;
  const open = new Set<Socket>();
  const pass = (from: Socket, into: Socket): void => {
    open.add(from);
    from.on('data', (piece) => setTimeout(() => (frozen ? undefined : into.write(piece)), delayMs));
    from.on('error', () => into.destroy());
    from.on('close', () => {
      open.delete(from);
      setTimeout(() => into.destroy(), delayMs);
    });
  };
  const server = createServer((near) => {
    const far = connect(to, '127.0.0.1');
    pass(near, far);
    pass(far, near);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    freeze: () => (frozen = true),
    async [Symbol.asyncDispose]() {
      server.close();
      for (const socket of open) socket.destroy();
      await once(server, 'close');
    },
  };
}
