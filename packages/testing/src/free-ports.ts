import { once } from 'node:events';
import { createServer } from 'node:net';
import { randomInt } from 'node:crypto';

/** Below the ports that systems give to outgoing connections, so that no connection of a stranger takes one between our look and the server's start. */
const FIRST = 20_000;
const LAST = 30_000;
const TRIES = 200;

/** Ports on loopback that nobody listens on, each another. @throws {Error} when none can be found. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const found = new Set<number>();
  for (let tries = 0; found.size < count; tries += 1) {
    if (tries > TRIES) throw new Error(`no ${count} free ports between ${FIRST} and ${LAST}`);
    const port = randomInt(FIRST, LAST);
    if (await isFree(port)) found.add(port);
  }
  return [...found];
}

/** One of them. @throws {Error} when none can be found. */
export async function freePort(): Promise<number> {
  const [port] = await freePorts(1);
  return port!; // sound: as many as were asked for
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return true;
  } catch {
    return false;
  } finally {
    server.close();
  }
}
