import assert from 'node:assert/strict';
import { isReady } from '@binnacle/client';
import { Pod, Service, StatefulSet } from '@binnacle/client/kinds';
import type { World } from '@binnacle/testing';
import { Hazelcast } from '../src/index.ts';
import { bringAbout } from './existing.ts';
import type { Existing, Place, existingSet } from './existing.ts';
import { REF } from './subject.ts';

const TOLERATIONS = [{ key: 'k', operator: 'Exists' }];
const RESOURCES = { limits: { memory: '1Gi' } };

/** A cluster of which the spec says something that it will drop, and which shows what it had dropped before: a toleration. */
export const WRITTEN: Existing = {
  name: REF.name,
  spec: { clusterSize: 2, labels: { team: 'data' }, annotations: { note: 'mine' }, resources: RESOURCES, env: [{ name: 'A', value: 'b' }] },
  statefulSet: (set: ReturnType<typeof existingSet>) => {
    const { template } = set.spec;
    const [member, sidecar] = template.spec.containers;
    const containers = [{ ...member, resources: RESOURCES }, sidecar];
    return { ...set, spec: { ...set.spec, template: { ...template, spec: { ...template.spec, tolerations: TOLERATIONS, containers } } } };
  },
};
/** What its user takes out of the spec then. */
export const DROPS = { clusterSize: 2, labels: null, annotations: null, resources: null, env: null };

/** Its members are up, and nobody looks after them. */
export async function left(w: World): Promise<void> {
  await bringAbout(w, WRITTEN);
  await w.until(StatefulSet, REF, (now) => now?.status?.readyReplicas === 2, 600_000);
  await w.clock.advance(10_000);
}

/** The members' pods and UIDs. */
export const pods = async (w: Place) =>
  (await w.api.list(Pod, { namespace: REF.namespace })).items.map(({ metadata }) => `${metadata.name} ${metadata.uid}`).toSorted();
/** Until it is Ready. */
export const isDone = (w: World) => w.until(Hazelcast, REF, (now) => now !== undefined && isReady(now), 1_800_000);

/** The user takes it all out of the spec. */
export async function drop(w: World): Promise<void> {
  await w.api.patch(Hazelcast, REF, { type: 'merge', body: { spec: DROPS } });
  await w.until(Hazelcast, REF, (now) => now?.status?.observedGeneration === now?.metadata.generation && isReady(now!), 1_800_000);
}

/** Nothing of what was dropped is there any more. */
export async function nothingLeft(w: Place): Promise<void> {
  const service = await w.api.get(Service, REF);
  const set = await w.api.get(StatefulSet, REF);
  for (const { metadata } of [service, set]) {
    assert.equal(metadata.labels?.['team'], undefined);
    assert.equal(metadata.annotations?.['note'], undefined);
  }
  for (const { spec } of (await w.api.list(Pod, { namespace: REF.namespace })).items) {
    assert.deepEqual(spec?.containers[0]?.resources ?? {}, {});
    assert.ok(spec?.tolerations?.every(({ key }) => key !== 'k') ?? true, 'a toleration');
    assert.ok(
      spec?.containers[0]?.env?.every(({ name }) => name !== 'A'),
      'a variable',
    );
  }
}
