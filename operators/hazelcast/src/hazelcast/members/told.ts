import { Pod, StatefulSet } from '@binnacle/client/kinds';
import type { Step } from '@binnacle/runtime';
import type { Hazelcast } from '../../api/hazelcast.ts';
import type { Members } from '../../protocol/members.ts';
import { nextLook, see } from './see.ts';

/**
 * The step, whose waits and refusals keep no status from being true: while it holds a pass up, members that are there serve, die and part all the same, and
 * are looked at as often as those of a cluster that is well.
 */
export function told(inner: Step<typeof Hazelcast>, members: Members): Step<typeof Hazelcast> {
  const reads = new Set([...(inner.needs.reads ?? []), Pod, StatefulSet]);
  return {
    ...inner,
    needs: { ...inner.needs, reads: [...reads] },
    async run(hz, cx) {
      const outcome = await inner.run(hz, cx);
      if (outcome.type === 'done' || outcome.type === 'gone' || (await cx.get(StatefulSet, hz.metadata.name)) === undefined) return outcome;
      await see(hz, cx, members, { heldUp: true });
      return { ...outcome, afterMs: Math.min(outcome.afterMs ?? Infinity, nextLook(cx.clock).afterMs) };
    },
  };
}
