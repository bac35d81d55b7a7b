import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

/** A line to a port of this machine that can be held: what is sent either way waits, and nothing tells. */
export interface HeldLine extends AsyncDisposable {
  readonly port: number;
  hold(): void;
  /** What has waited arrives, in its order, and what comes after it. */
  release(): void;
}

/** Opens one; nothing is held at first. */
export async function heldLine(to: number): Promise<HeldLine> {
  let held = false;
  const open = new Set<Socket>();
  const pass = (from: Socket, into: Socket): void => {
    open.add(from);
    if (held) from.pause();
    from.on('data', (piece) => into.write(piece));
    from.on('error', () => into.destroy());
    from.on('close', () => {
      open.delete(from);
      into.destroy();
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
    hold() {
      held = true;
      for (const socket of open) socket.pause();
    },
    release() {
      held = false;
      for (const socket of open) socket.resume();
    },
    async [Symbol.asyncDispose]() {
      server.close();
      for (const socket of open) socket.destroy();
      await once(server, 'close');
    },
  };
}
