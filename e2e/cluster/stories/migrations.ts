import { Pod } from '@binnacle/client/kinds';
import type { World } from '../story.ts';
import { NAMESPACE, SELECTOR } from './members.ts';

/** A pod that was told to go (once, while it is watched), and whether since its predecessor went partitions had moved to whoever came for it, all of them. */
export interface Going {
  readonly pod: string;
  readonly safe: boolean;
}

/** What happened while it was watched. */
export interface Migrations {
  readonly going: readonly Going[];
  /** How often partitions were moved to the last. */
  readonly moves: number;
}

/** What members write. Source: Hazelcast's Node, MembershipManager and MigrationManagerImpl, 5.3 to 5.7. */
const LINES = {
  told: 'Running shutdown hook',
  whole: 'Members {size:3,',
  begun: 'Repartitioning cluster data. Migration tasks count',
  done: 'All migration tasks have been completed',
} as const;
const WORDS = Object.keys(LINES) as (keyof typeof LINES)[]; // sound: it is not added to

interface Moment {
  readonly at: number;
  readonly what: keyof typeof LINES;
  readonly pod: string;
}

/**
 * Reads in the logs of three members, whose times are written where things happen, who was told to go and when partitions moved: who asks members again and
 * again can miss the moment in which all was safe.
 */
export function migrations({ api }: World): { stop(): Promise<Migrations> } {
  const ended = new AbortController();
  const { signal } = ended;
  const moments: Moment[] = [];
  const reading: Promise<void>[] = [];
  const followed = new Set<string>();
  const read = (work: () => Promise<void>) => {
    const one = work().catch((error: unknown) => (signal.aborted ? undefined : Promise.reject(error)));
    one.catch(() => undefined); // told by stop(): until then it must not end the run
    reading.push(one);
  };
  const follow = async (pod: string): Promise<void> => {
    for await (const line of api.logs({ namespace: NAMESPACE, name: pod }, { container: 'hazelcast', follow: true, timestamps: true, signal })) {
      const what = WORDS.find((word) => line.includes(LINES[word]));
      if (what !== undefined) moments.push({ at: Date.parse(line.slice(0, line.indexOf(' '))), what, pod });
    }
  };
  read(async () => {
    for await (const event of api.watch(Pod, { namespace: NAMESPACE, labelSelector: SELECTOR, signal })) {
      if (event.type === 'BOOKMARK') continue;
      const { metadata, status } = event.object;
      if (metadata.deletionTimestamp !== undefined) moments.push({ at: Date.now(), what: 'told', pod: metadata.name });
      const runs = status?.containerStatuses?.some(({ name, state }) => name === 'hazelcast' && state?.running !== undefined) === true;
      if (!runs || followed.has(metadata.uid)) continue;
      followed.add(metadata.uid);
      read(async () => await follow(metadata.name));
    }
  });
  return {
    async stop() {
      ended.abort();
      await Promise.all(reading);
      return judged(moments.toSorted((a, b) => a.at - b.at));
    },
  };
}

function judged(moments: readonly Moment[]): Migrations {
  const going: Going[] = [];
  let at: Moment['what'] = 'done'; // nobody went before the first
  for (const { what, pod } of moments) {
    // A member that ends may lose the line that says so, and Kubernetes tells a little later: whichever comes first.
    if (what === 'told' && going.some((one) => one.pod === pod)) continue;
    if (what === 'told') going.push({ pod, safe: at === 'done' });
    // Partitions also move away from the one that goes: what counts is how they move to the one that came.
    if (at !== 'told' || what === 'whole') at = what;
  }
  return { going, moves: moments.filter(({ what }) => what === 'done').length };
}
