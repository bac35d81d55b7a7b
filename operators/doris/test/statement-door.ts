import type { Network } from '@binnacle/client';
import { Duplex } from 'node:stream';

/** Where the operator dies: at its `statement`-th statement that changes something (0-based), before it is sent or after it was carried out, its answer lost. */
export interface StatementCrash {
  readonly statement: number;
  readonly moment: 'before' | 'after';
}

/** What the operator says to Doris, written down. */
export interface StatementDoor {
  readonly statements: readonly string[];
  through(network: Network): Network;
}

/** Byte of MySQL's command for a statement, behind four bytes of header. */
const COM_QUERY = 3;
const HEADER_BYTES = 4;

/** Writes down statements that change something; at `crash` calls `die` and lets nothing more through that connection. */
export function recorded(crash: StatementCrash | undefined, die: () => void): StatementDoor {
  const statements: string[] = [];

  function around(inner: Duplex): Duplex {
    let last = false; // the answer to the statement under way is not to be heard
    const outer = new Duplex({
      read: () => undefined,
      write(chunk: Buffer, _encoding, sent) {
        const sql = chunk[HEADER_BYTES] === COM_QUERY ? chunk.subarray(HEADER_BYTES + 1).toString() : '';
        if (sql !== '' && !/^(SHOW|SELECT|ADMIN SHOW)\b/i.test(sql)) {
          const here = crash?.statement === statements.length ? crash : undefined;
          statements.push(sql);
          if (here?.moment === 'before') {
            inner.destroy();
            die();
            return sent();
          }
          last = here !== undefined;
        }
        inner.write(chunk);
        sent();
      },
      final(ended) {
        inner.end();
        ended();
      },
      destroy(error, destroyed) {
        if (!last) inner.destroy();
        destroyed(error);
      },
    });
    inner.on('data', (chunk: Buffer) => {
      if (!last) return void outer.push(chunk);
      inner.destroy();
      die();
    });
    inner.on('close', () => outer.destroy());
    inner.on('error', () => outer.destroy());
    return outer;
  }

  return {
    statements,
    through: (network) => ({ connect: async (address, signal) => around(await network.connect(address, signal)) }),
  };
}
