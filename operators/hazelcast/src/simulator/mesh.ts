import type { Duplex } from 'node:stream';
import type { Container } from './container.ts';
import type { Fleet } from './fleet.ts';
import { lines } from './lines.ts';

/** One connection to each other member of a Service, opened by the lower address of the two. */
export interface Mesh<M> extends Disposable {
  broadcast(message: M): void;
  /** Ends the connection to this address. */
  drop(ip: string): void;
}

/** What a mesh tells the member that it is part of. */
export interface Ear<M> {
  /** First message on a new connection. */
  greet(): M;
  heard(ip: string, message: M): void;
  /** The connection ended: the other member is gone, or cannot be reached. */
  lost(ip: string): void;
}

const PORT = 5702;
const REDIAL_MS = 500;
/** A member that was killed leaves its address behind: after so many tries it is left alone until addresses change. */
const REDIALS_MOST = 20;

/** Connects to all addresses under `key`, those that come later too, until disposed of. */
export function mesh<M>(container: Container, key: string, fleet: Fleet, ear: Ear<M>): Mesh<M> {
  const links = new Map<string, ReturnType<typeof lines<M>>>();
  /** Not to be talked to, until addresses change. */
  const dropped = new Set<string>();
  const dialing = new Set<string>();
  const failures = new Map<string, number>();
  let redial: Disposable | undefined;
  let disposed = false;

  function link(ip: string, stream: Duplex): void {
    links.get(ip)?.close();
    const wire = lines<M>(
      stream,
      (message) => ear.heard(ip, message),
      () => {
        if (links.get(ip) !== wire) return;
        links.delete(ip);
        if (disposed) return;
        ear.lost(ip);
        dial();
      },
    );
    links.set(ip, wire);
    wire.send(ear.greet());
  }

  function dial(): void {
    if (disposed) return;
    for (const ip of fleet.addresses(key)) {
      if (ip <= container.ip || links.has(ip) || dropped.has(ip) || dialing.has(ip) || (failures.get(ip) ?? 0) >= REDIALS_MOST) continue;
      dialing.add(ip);
      container.network.connect({ host: ip, port: PORT }, container.signal).then(
        (stream) => {
          dialing.delete(ip);
          failures.delete(ip);
          if (disposed) stream.destroy();
          else link(ip, stream);
        },
        () => {
          dialing.delete(ip);
          failures.set(ip, (failures.get(ip) ?? 0) + 1);
          redial?.[Symbol.dispose]();
          redial = container.clock.timer(REDIAL_MS, dial);
        },
      );
    }
  }

  const listener = container.network.listen(PORT, (stream) => {
    const ip = (stream as Duplex & { readonly remoteAddress?: string }).remoteAddress;
    if (ip === undefined || disposed) stream.destroy();
    else link(ip, stream);
  });
  const entry = fleet.enter(key, container.ip, () => {
    failures.clear();
    dropped.clear();
    dial();
  });
  return {
    broadcast(message) {
      for (const one of links.values()) one.send(message);
    },
    drop(ip) {
      dropped.add(ip);
      links.get(ip)?.close();
    },
    [Symbol.dispose]() {
      disposed = true;
      entry[Symbol.dispose]();
      listener[Symbol.dispose]();
      redial?.[Symbol.dispose]();
      for (const one of links.values()) one.close();
    },
  };
}
