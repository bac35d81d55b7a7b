import { z } from 'zod';
import { DorisError } from './error.ts';
import type { FrontEnd } from './front-end.ts';
import { flag, parsed } from './rows.ts';
import { setFrontendConfig, showFrontendConfig } from './statements.ts';

/** Settings of the master that keep it from moving data about while nodes restart one after the other. Source: spec/doris-field-notes.md §3.6. */
export const SCHEDULING_KEYS = ['disable_balance', 'disable_colocate_balance', 'disable_tablet_scheduler'] as const;
export type SchedulingKey = (typeof SCHEDULING_KEYS)[number];

/** Each setting as a front end has it; `true`: switched off. */
export type Scheduling = Readonly<Record<SchedulingKey, boolean>>;

const ConfigRow = z.object({ Key: z.string(), Value: flag });

/** The settings of the front end that is asked. @throws {DorisError} also `unreadable`: it does not know one of them. */
export async function showScheduling(fe: FrontEnd, signal: AbortSignal): Promise<Scheduling> {
  const found = new Map<string, boolean>();
  for (const key of SCHEDULING_KEYS) {
    const [row] = parsed(ConfigRow, await fe.query(showFrontendConfig(key), signal), `ADMIN SHOW FRONTEND CONFIG LIKE '${key}'`).filter(
      (one) => one.Key === key,
    );
    if (row === undefined) throw new DorisError('unreadable', `the front end has no setting ${key}`);
    found.set(key, row.Value);
  }
  // Sound: the loop above has set every key.
  return Object.fromEntries(found) as Record<SchedulingKey, boolean>;
}

/** Sets all of them on the front end that is asked, and on no other. May be repeated. @throws {DorisError} */
export async function setScheduling(fe: FrontEnd, wanted: Scheduling, signal: AbortSignal): Promise<void> {
  for (const key of SCHEDULING_KEYS) await fe.query(setFrontendConfig(key, wanted[key]), signal);
}
