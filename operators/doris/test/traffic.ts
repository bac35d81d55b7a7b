import { frontEnd } from '../src/sql/front-end.ts';
import type { FrontEnd } from '../src/sql/front-end.ts';
import { DorisError } from '../src/sql/error.ts';
import type { Statement } from '../src/sql/statements.ts';
import type { World } from '@binnacle/testing';
import { alone } from '@binnacle/runtime';

/** Between two statements of a client, and before it tries again what was not done; ms. */
const PACE_MS = 250;
const never = new AbortController().signal;

/** What clients saw. */
export interface Seen {
  /** Statements that were answered, by what they do. */
  readonly answered: { reads: number; inserts: number };
  /** Statements whose connection was closed under them, sent again on another. */
  closed: number;
  /** Inserts that no master took, since front ends were electing one; sent again until one did. Virtual times at which they were refused. */
  readonly withoutMaster: number[];
  /** Everything else that did not work: none is the aim. */
  readonly failed: string[];
  /** Keys whose insert was answered. */
  readonly inserted: Set<number>;
}

export interface Traffic extends Seen {
  /** Ends when each client's last statement is answered. */
  stop(): Promise<void>;
}

/** A front end passes on what changes something, and there is nobody to pass it to, or nobody with a majority. */
const NO_MASTER = /no master|no majority|not the master/;

/**
 * Clients that never cease: each inserts a row, reads the table, and checks that every row it was told to be there is. As drivers with a pool do, a client keeps its
 * connection, and opens another through the Service when it was closed.
 */
export function traffic(w: World, { service, table, clients }: { readonly service: string; readonly table: string; readonly clients: number }): Traffic {
  const seen: Seen = { answered: { reads: 0, inserts: 0 }, closed: 0, withoutMaster: [], failed: [], inserted: new Set() };
  const at = { host: service, port: 9030, account: { user: 'root', password: '' } };
  let next = 0;
  let over = false;

  async function client(): Promise<void> {
    let connection: FrontEnd | undefined;
    /** Sends until it is answered; `undefined`: it failed for good. */
    const ask = async (sql: string): Promise<Awaited<ReturnType<FrontEnd['query']>> | undefined> => {
      for (;;) {
        try {
          connection ??= await frontEnd({ network: w.sandbox.network, clock: w.clock }, at, alone(never));
          return await connection.query(sql as Statement, never); // sound: text of our own
        } catch (error) {
          if (!(error instanceof DorisError)) throw error;
          if (error.code === 'lost' && connection !== undefined) {
            await connection[Symbol.asyncDispose]();
            connection = undefined;
            seen.closed += 1;
          } else if (error.code === 'refused' && sql.startsWith('INSERT') && NO_MASTER.test(error.message)) seen.withoutMaster.push(w.clock.monotonic());
          else {
            seen.failed.push(`${Math.round(w.clock.monotonic() / 1_000)} s: ${error.message}`);
            return undefined;
          }
          await w.clock.sleep(PACE_MS);
        }
      }
    };
    while (!over) {
      const key = next;
      next += 1;
      if ((await ask(`INSERT INTO ${table} VALUES (${key})`)) !== undefined) {
        seen.inserted.add(key);
        seen.answered.inserts += 1;
      }
      await w.clock.sleep(PACE_MS);
      const before = [...seen.inserted];
      const rows = await ask(`SELECT k FROM ${table}`);
      const there = new Set(rows?.map((row) => Number(row['k'])));
      const missing = rows === undefined ? [] : before.filter((one) => !there.has(one));
      if (missing.length > 0) seen.failed.push(`${Math.round(w.clock.monotonic() / 1_000)} s: rows ${missing.join(', ')} were inserted and are not read`);
      if (rows !== undefined) seen.answered.reads += 1;
      await w.clock.sleep(PACE_MS);
    }
    await connection?.[Symbol.asyncDispose]();
  }

  const running = Promise.all(Array.from({ length: clients }, client));
  running.catch(() => undefined); // told to whoever stops them
  return {
    ...seen,
    get closed() {
      return seen.closed;
    },
    async stop() {
      over = true;
      await running;
    },
  };
}
