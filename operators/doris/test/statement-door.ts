import { networkDoor } from '@binnacle/testing';
import type { NetworkDoor } from '@binnacle/testing';

/** Byte of MySQL's command for a statement, behind four bytes of header. */
const COM_QUERY = 3;
const HEADER_BYTES = 4;

/** Statements of the operator that change something, for crashes; `told` hears each before it is sent. */
export function statementDoor(told: (sql: string) => void = () => undefined): NetworkDoor {
  return networkDoor({
    name: 'statement',
    callIn(chunk) {
      const sql = chunk[HEADER_BYTES] === COM_QUERY ? chunk.subarray(HEADER_BYTES + 1).toString() : '';
      if (sql === '' || /^(SHOW|SELECT|ADMIN SHOW)\b/i.test(sql)) return undefined;
      told(sql);
      return sql;
    },
  });
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
