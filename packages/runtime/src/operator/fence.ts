import type { Api } from '@binnacle/client';
import { aroundApi } from '../api-around.ts';
import type { Leadership } from './leader.ts';

/**
 * An api that writes only while `leadership()` holds. An election alone does not stop a leader that was paused, for a garbage collection or by a
 * debugger, from writing when it goes on (spec/runtime.md §2, "Fencing"). Writes under way are aborted on loss. Reads always pass: caches are warm before.
 */
export function fenced(api: Api, leadership: () => Leadership | undefined): Api {
  return aroundApi(api, async (call, send) => {
    if (call.method === 'GET') return await send(call.signal);
    const held = mustLead(leadership());
    return await send(call.signal === undefined ? held.lost : AbortSignal.any([call.signal, held.lost]));
  });
}

/** @throws {DOMException} `AbortError`: not the leader yet, or not any more. */
export function mustLead(leadership: Leadership | undefined): Leadership {
  if (leadership === undefined) throw new DOMException('not the leader: nothing is written', 'AbortError');
  leadership.mustHold();
  return leadership;
}
