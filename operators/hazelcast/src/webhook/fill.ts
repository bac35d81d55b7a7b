import type { AnyKind, DeepReadonly, Of } from '@binnacle/client';
import { filler } from '@binnacle/runtime';
import type { Hook } from '@binnacle/runtime';
import { jsonEqual } from '@binnacle/schema';
import { Hazelcast } from '../api/hazelcast.ts';
import type { Cluster } from '../api/hazelcast.ts';
import { ManagementCenter } from '../api/management-center.ts';
import { given } from '../given.ts';
import { memberRepository } from '../hazelcast/effective.ts';

type Filled<K extends AnyKind> = DeepReadonly<Of<K>>;

/**
 * Writes down, when an object is made, what the schema's defaults cannot tell: the image that members run by their licence, and sections that say nothing are
 * gone. A reconcile makes the same of the object either way. Only on creation: what its author writes later is never exchanged for something else. Names of
 * old fields (`licenseKeySecret`, `secret`) stay as they are written, since an author who goes on using them would change what nobody looks at any more. So for
 * backups and schedules there is nothing beyond the schema. Source: spec/hazelcast-core.md §2.3.
 */
export const fillers: readonly Hook[] = [
  onCreation('hazelcast-defaults', Hazelcast, (hz) => ({
    ...hz,
    spec: {
      ...withoutEmpty(hz.spec, ['tls', 'scheduling', 'resources', 'userCodeDeployment', 'advancedNetwork', 'managementCenter']),
      agent: withoutEmpty(hz.spec.agent, ['resources']),
      // Sound: the licence and the repository are all that is looked at.
      repository: memberRepository(hz as Cluster),
    },
  })),
  onCreation('management-center-defaults', ManagementCenter, (mc) => ({
    ...mc,
    spec: {
      ...withoutEmpty(mc.spec, ['scheduling', 'resources']),
      ...(mc.spec.hazelcastClusters === undefined ? {} : { hazelcastClusters: mc.spec.hazelcastClusters.map((cluster) => withoutEmpty(cluster, ['tls'])) }),
    },
  })),
];

/** What a section holds that says nothing, once the schema has filled it in. */
const NOTHING: readonly unknown[] = [
  {},
  { secretName: '', mutualAuthentication: 'None' },
  { scriptingEnabled: false, consoleEnabled: false, dataAccessEnabled: false },
];

function withoutEmpty<T extends object>(spec: T, sections: readonly (keyof T)[]): T {
  const empty = sections.filter((section) => NOTHING.some((nothing) => jsonEqual(spec[section], nothing)));
  return given({ ...spec, ...Object.fromEntries(empty.map((section) => [section, undefined])) }) as T; // sound: all of them may be left out
}

function onCreation<K extends AnyKind>(name: string, kind: K, fill: (object: Filled<K>) => Filled<K>): Hook {
  return filler({
    name,
    kind,
    on: ['CREATE'],
    // What the schema refuses right after is not of the type yet: it stays as it is.
    fill: ({ object }) => (isFilledIn(object) ? fill(object as Filled<K>) : object) as Filled<K>,
  });
}

/** The schema's defaults are there. */
const isFilledIn = (object: unknown): boolean =>
  typeof (object as { readonly spec?: { readonly repository?: unknown } } | undefined)?.spec?.repository === 'string';
