import type { FieldError } from '@binnacle/schema';
import { Refusal } from '../../refusal.ts';
import type { Core } from '../core/core.ts';
import { badRequest, invalidOptions } from '../refusals.ts';

/** How long a read waits for a revision that is not there yet. Source: the watch cache of the real server. */
const AHEAD_MS = 3000;

/**
 * The revision a query names: `undefined` for none, 0 for "any".
 * @throws {Refusal} 500 when it is no number, as the real server does.
 */
export function wantedRevision(query: URLSearchParams): number | undefined {
  const text = query.get('resourceVersion');
  if (text === null || text === '') return undefined;
  if (!/^\d+$/.test(text)) {
    const cause = `Invalid value: ${JSON.stringify(text)}: strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`;
    throw new Refusal(500, '', `resourceVersion: ${cause}`);
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

/**
 * The revision that a list, or the deletion of a list, names.
 * @throws {Refusal} 400 for numbers that are none, 422 for combinations that make no sense.
 */
export function listRevision(query: URLSearchParams): number | undefined {
  checkListQuery(query);
  try {
    return wantedRevision(query);
  } catch (error) {
    throw error instanceof Refusal ? badRequest(`invalid resource version: ${error.message}`) : error;
  }
}

/** As `listRevision`, of what is told before it is looked whether the revision is one. @throws {Refusal} 400, 422 */
export function checkListQuery(query: URLSearchParams): void {
  for (const name of ['limit', 'timeoutSeconds']) {
    const value = query.get(name) ?? '';
    if (value !== '' && !/^[+-]?\d+$/.test(value)) throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(value)}: invalid syntax`);
  }
  checkCombination(query);
}

function checkCombination(query: URLSearchParams): void {
  const match = query.get('resourceVersionMatch');
  const revision = query.get('resourceVersion') ?? '';
  const unsupported: FieldError = {
    reason: 'FieldValueNotSupported',
    field: 'resourceVersionMatch',
    message: `Unsupported value: ${JSON.stringify(match)}: supported values: "Exact", "NotOlderThan", ""`,
  };
  const unknown = match !== null && match !== '' && match !== 'Exact' && match !== 'NotOlderThan' ? [unsupported] : [];
  const wrong = (field: string, message: string) =>
    invalidOptions('ListOptions', [{ reason: 'FieldValueForbidden', field, message: `Forbidden: ${message}` }, ...unknown]);
  if (query.has('sendInitialEvents')) throw wrong('sendInitialEvents', 'sendInitialEvents is forbidden for list');
  if (match === null || match === '') return;
  if ((query.get('continue') ?? '') !== '') throw wrong('resourceVersionMatch', 'resourceVersionMatch is forbidden when continue is provided');
  if (revision === '') throw wrong('resourceVersionMatch', 'resourceVersionMatch is forbidden unless resourceVersion is provided');
  if (unknown.length > 0) throw invalidOptions('ListOptions', unknown);
  if (match === 'Exact' && revision === '0') throw wrong('resourceVersionMatch', 'resourceVersionMatch "Exact" is forbidden for resourceVersion "0"');
}
