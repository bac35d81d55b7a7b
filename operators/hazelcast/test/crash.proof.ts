import { test } from 'node:test';
import { crashEverywhere } from '@binnacle/testing';
import type { World } from '@binnacle/testing';
import { Hazelcast } from '../src/api/hazelcast.ts';
import { messageDoor } from './message-door.ts';
import { restDoor } from './rest-door.ts';
import { activeAtRest, nothingLost } from './stories.ts';
import { REF, overheard, ready, want } from './subject.ts';

/** One certificate serves all clusters of the namespace. */
const LEAVES = ['Secret default/hazelcast-agent-cert'];

const EXPOSED = { exposeExternally: { type: 'Smart', discoveryServiceType: 'LoadBalancer', memberAccess: 'LoadBalancer' } };

for (const [what, spec] of Object.entries({ 'a cluster': {}, 'a cluster that clients outside reach': EXPOSED })) {
  test(`Hazelcast: ${what} is born and goes the same way wherever the operator dies`, async (t) => {
    await crashEverywhere(t, () => {
      const { subject, lines } = overheard();
      return {
        subject,
        doors: [messageDoor, restDoor],
        when: {
          async born(w: World) {
            await want(w, spec);
            await ready(w);
          },
          async gone(w: World) {
            await w.api.delete(Hazelcast, REF);
            await w.until(Hazelcast, REF, (now) => now === undefined);
          },
        },
        always: [nothingLost(lines), activeAtRest(lines)],
        leaves: LEAVES,
      };
    });
  });
}
