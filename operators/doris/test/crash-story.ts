import assert from 'node:assert/strict';
import type { NetworkDoor, Story, World } from '@binnacle/testing';
import { showScheduling } from '../src/sql/scheduling.ts';
import type { Scheduling } from '../src/sql/scheduling.ts';
import { login } from './cluster-world.ts';
import { onlooker } from './onlooker.ts';
import type { Onlooker } from './onlooker.ts';
import { statementDoor } from './statement-door.ts';

/** Nothing is switched off. */
const ALL_ON: Scheduling = { disable_balance: false, disable_colocate_balance: false, disable_tablet_scheduler: false };

/** What a crash story has of its own. */
export interface Told extends Partial<Omit<Story, 'subject' | 'doors' | 'when'>> {
  readonly when: Story['when'];
  /** Absent: one of its own. */
  readonly seen?: Onlooker;
  /** Hears what the operator sends, before it is sent. */
  readonly told?: (call: string) => unknown;
  /** How the door for statements is reached. Absent: as it is, and what goes encrypted is not seen. */
  readonly through?: (door: NetworkDoor) => NetworkDoor;
  /** What a DBA has switched off at the end of each part. Absent: nothing. */
  readonly scheduling?: Scheduling;
}

/**
 * A crash story of a Doris cluster, with what every one of them holds to. At every instant: the front ends that vote have a majority that runs, each tablet has a whole replica on a back
 * end that runs, no second cluster was born, and nothing was sent to a node that it was not for. At rest, after each part: balance and repair are as they were, on each front end.
 */
export function crashStory({
  seen = onlooker(),
  told = () => undefined,
  scheduling = ALL_ON,
  through = (door) => door,
  when,
  always = [],
  ...more
}: Told): Story {
  const hears: Parameters<typeof statementDoor>[0] = (call, to) => {
    seen.hears(call, to);
    told(call);
  };
  const parts = Object.entries(when).map(([name, part]) => [
    name,
    async (w: World) => {
      await part(w);
      await isScheduling(w, seen, scheduling);
    },
  ]);
  return {
    ...more,
    subject: seen.subject,
    doors: [through(statementDoor(hears))],
    always: [seen.quorumKept, seen.everyTabletIsAlive, seen.bornOnce, seen.rightNodes, ...always],
    when: Object.fromEntries(parts) as Story['when'],
  };
}

/** Each front end that runs has these settings. */
async function isScheduling(w: World, seen: Onlooker, wanted: Scheduling): Promise<void> {
  for (const pod of seen.frontEnds())
    await login(w, pod, async (fe) => assert.deepEqual(await showScheduling(fe, new AbortController().signal), wanted, `what ${pod} has switched off`));
}
