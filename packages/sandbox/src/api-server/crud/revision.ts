import { Refusal } from '../../refusal.ts';
import type { Core } from '../core/core.ts';
import { invalidOptions } from '../refusals.ts';

/** How long a read waits for a revision that is not there yet. Source: the watch cache of the real server. */
const AHEAD_MS = 3000;

/**
 * The revision a query names: `undefined` for none, 0 for "any".
 * @throws {Refusal} 422 when it is no number.
 */
export function wantedRevision(query: URLSearchParams): number | undefined {
  const text = query.get('resourceVersion');
  if (text === null || text === '') return undefined;
  if (!/^\d+$/.test(text)) {
    const cause = `Invalid value: ${JSON.stringify(text)}: strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`;
    throw new Refusal(500, 'InternalError', `resourceVersion: ${cause}`, { causes: [{ message: cause, field: 'resourceVersion' }] });
  }
  return Number(text);
}

/**
 * Waits a little for a revision ahead of ours, which a client can only know from another life of this server.
 * @throws {Refusal} 504 when it does not come.
 */
export async function reached(core: Core, revision: number, signal: AbortSignal): Promise<void> {
  if (revision <= core.store.revision) return;
  await core.clock.sleep(AHEAD_MS, signal);
  if (revision <= core.store.revision) return;
  const message = `Too large resource version: ${revision}, current: ${core.store.revision}`;
  throw new Refusal(504, 'Timeout', `Timeout: ${message}`, {
    causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
    retryAfterSeconds: 1,
  });
}

/** @throws {Refusal} 422 for combinations that make no sense in a list. */
export function checkListRevision(query: URLSearchParams): void {
  const match = query.get('resourceVersionMatch');
  const revision = query.get('resourceVersion') ?? '';
  const wrong = (field: string, message: string) => invalidOptions('ListOptions', [{ reason: 'FieldValueForbidden', field, message: `Forbidden: ${message}` }]);
  if (query.has('sendInitialEvents')) throw wrong('sendInitialEvents', 'sendInitialEvents is forbidden for list');
  if (match === null || match === '') return;
  if ((query.get('continue') ?? '') !== '') throw wrong('resourceVersionMatch', 'resourceVersionMatch is forbidden when continue is provided');
  if (revision === '') throw wrong('resourceVersionMatch', 'resourceVersionMatch is forbidden unless resourceVersion is provided');
  if (match !== 'Exact' && match !== 'NotOlderThan') {
    const message = `Unsupported value: ${JSON.stringify(match)}: supported values: "Exact", "NotOlderThan", ""`;
    throw invalidOptions('ListOptions', [{ reason: 'FieldValueNotSupported', field: 'resourceVersionMatch', message }]);
  }
  if (match === 'Exact' && revision === '0') throw wrong('resourceVersionMatch', 'resourceVersionMatch "Exact" is forbidden for resourceVersion "0"');
}
