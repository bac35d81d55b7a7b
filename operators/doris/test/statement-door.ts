import { networkDoor } from '@binnacle/testing';
import type { NetworkDoor } from '@binnacle/testing';

/** Byte of MySQL's command for a statement, behind four bytes of header. */
const COM_QUERY = 3;
const HEADER_BYTES = 4;
const POST = 'POST ';

/** Whom a call went to. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** Statements of the operator that change something, and what back ends' web servers are told, for crashes; `told` hears each before it is sent. */
export function statementDoor(told: (call: string, to: Address) => void = () => undefined): NetworkDoor {
  return networkDoor({
    name: 'statement',
    callIn(chunk, to) {
      const call = calledIn(chunk);
      if (call !== undefined) told(call, to);
      return call;
    },
  });
}

function calledIn(chunk: Buffer): string | undefined {
  if (chunk.toString('latin1', 0, POST.length) === POST) return chunk.toString('latin1').split(' HTTP/')[0];
  const sql = chunk[HEADER_BYTES] === COM_QUERY ? chunk.subarray(HEADER_BYTES + 1).toString() : '';
  return sql === '' || /^(SHOW|SELECT|ADMIN SHOW)\b/i.test(sql) ? undefined : sql;
}

/** Lets everything through; `told` hears each statement, reads too. */
export function listening(told: (sql: string) => void): NetworkDoor {
  return networkDoor({
    name: 'statement',
    callIn(chunk) {
      if (chunk[HEADER_BYTES] === COM_QUERY) told(chunk.subarray(HEADER_BYTES + 1).toString());
      return undefined;
    },
  });
}
