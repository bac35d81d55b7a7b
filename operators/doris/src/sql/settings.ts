import { z } from 'zod';
import type { FrontEnd } from './front-end.ts';
import { flag, parsed } from './rows.ts';
import { setFrontendConfig, showFrontendConfig } from './statements.ts';

/** A setting as a node runs with it now. */
export interface Setting {
  readonly value: string;
  /** Whether it can be changed without a restart. */
  readonly mutable: boolean;
  /** Only the master heeds it, and only the master can be told: another front end passes the statement on to it. */
  readonly masterOnly?: boolean;
}

const Row = z.object({ Key: z.string(), Value: z.string(), IsMutable: flag, MasterOnly: flag.optional() });

/** A setting of the front end that is asked, or of the master, to which others pass the question on unless told SHOW_OWN; `undefined`: it has none of that name. @throws {DorisError} */
export async function showSetting(fe: FrontEnd, key: string, signal: AbortSignal): Promise<Setting | undefined> {
  // In LIKE an underscore is any letter: others may come along.
  const rows = parsed(Row, await fe.query(showFrontendConfig(key), signal), `ADMIN SHOW FRONTEND CONFIG LIKE '${key}'`);
  const row = rows.find((one) => one.Key === key);
  return row && { value: row.Value, mutable: row.IsMutable, masterOnly: row.MasterOnly === true };
}

/** Sets it on the front end that is asked, on no other, and until it restarts. May be repeated. @throws {DorisError} `refused`: it cannot be set, or not to that. */
export async function changeSetting(fe: FrontEnd, key: string, value: string, signal: AbortSignal): Promise<void> {
  await fe.query(setFrontendConfig(key, value), signal);
}
