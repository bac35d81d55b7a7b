import assert from 'node:assert/strict';
import { isReady } from '@binnacle/client';
import type { AnyKind, Api, Ref } from '@binnacle/client';
import { ConfigMap, CustomResourceDefinition, Pod, Service, StatefulSet } from '@binnacle/client/kinds';
import type { ObjectMeta } from '@binnacle/client/kinds';
import { DorisCluster } from '@binnacle/doris';
import { Hazelcast } from '@binnacle/hazelcast';
import { crdManifests } from '../../apps/binnacle/src/install.ts';
import { entries } from '../../apps/binnacle/src/operators.ts';
import type { OperatorName } from '../../apps/binnacle/src/operators.ts';
import { sized } from '../../operators/doris/test/cluster-world.ts';
import { existingCluster } from '../../operators/doris/test/existing-operator.ts';
import { MANAGER, bringAbout } from '../../operators/hazelcast/test/existing.ts';
import { DROPS, WRITTEN, nothingLeft } from '../../operators/hazelcast/test/ownership.ts';
import { eventually } from '../eventually.ts';
import { isEstablished } from '../served.ts';
import { auditReader, isWrite } from './audit.ts';
import { startOperator } from './operators.ts';
import type { RunningOperator } from './operators.ts';
import { atRest } from './rest.ts';
import { inWords } from './steps.ts';
import type { Told } from './steps.ts';
import { forbidden } from './stories.ts';
import type { Cluster } from './with-nodes.ts';

/** A cluster that the operator before leaves behind, and what its user takes out of the spec later. */
interface Left {
  readonly operator: OperatorName;
  readonly kind: AnyKind;
  bringAbout(place: { readonly api: Api }): Promise<void>;
  readonly pods: readonly string[];
  /** On which somebody else puts a label. */
  readonly service: string;
  readonly drops: object;
  /** Nothing of what was dropped is there any more. */
  nothingLeft(place: { readonly api: Api }): Promise<void>;
}

/** Of either kind. The objects of the operators before are written for this namespace. */
const AT: Ref = { namespace: 'default', name: 'prod' };
const NAMESPACE = AT.namespace!;
/** How long the restart of all pods may take, one after the other, and the end of all that a cluster has; ms. */
const ROLLED_WITHIN_MS = 600_000;

const SPEC = sized(1, 2);
const DORIS = { ...SPEC, be: { ...SPEC.be!, limits: { memory: '2Gi' }, tolerations: [{ key: 'k', operator: 'Exists' }] } };

const LEFT: readonly Left[] = [
  {
    operator: 'hazelcast',
    kind: Hazelcast,
    bringAbout: (place) => bringAbout(place, WRITTEN),
    pods: ['prod-0', 'prod-1'],
    service: 'prod',
    drops: DROPS,
    nothingLeft,
  },
  {
    operator: 'doris',
    kind: DorisCluster,
    bringAbout: (place) => existingCluster(place, DORIS),
    pods: ['prod-fe-0', 'prod-be-0', 'prod-be-1'],
    service: 'prod-be',
    drops: { be: { limits: null, tolerations: null } },
    async nothingLeft({ api }) {
      for (const name of ['prod-be-0', 'prod-be-1']) {
        const { spec } = await api.get(Pod, { ...AT, name });
        assert.deepEqual(spec?.containers[0]?.resources ?? {}, {}, `resources of ${name}`);
        assert.ok(spec?.tolerations?.every(({ key }) => key !== 'k') ?? true, `a toleration of ${name}`);
      }
    },
  },
];

/** How taking over went: of how many clusters, and what is wrong. */
export interface TakeOverReport {
  readonly clusters: number;
  readonly wrong: readonly string[];
}

/**
 * What the operators before wrote, by Update and under their own name, becomes ours without a restart, and goes when the spec drops it: told on a real API server,
 * whose bookkeeping of who owns which field is what all of it stands on.
 */
export async function takeOver(cluster: Cluster): Promise<TakeOverReport> {
  const wrong: string[] = [];
  for (const left of LEFT) {
    try {
      wrong.push(...(await tell(cluster, left)).map((line) => `${left.operator}: ${line}`));
    } catch (error) {
      throw new Error(`${left.operator} takes over: ${String(error)}`, { cause: error });
    }
  }
  return { clusters: LEFT.length, wrong };
}

/** Takes one over, and returns what its operator was not allowed to. @throws {Error} when it did not go as it should. */
async function tell(cluster: Cluster, left: Left): Promise<readonly string[]> {
  const { api } = cluster;
  await defined(api, left);
  await left.bringAbout(cluster);
  await eventually(
    'the pods of the operator before are Ready',
    async () => {
      const { items } = await api.list(Pod, { namespace: NAMESPACE });
      const lacking = left.pods.filter((name) => !items.some((pod) => pod.metadata.name === name && isReady(pod)));
      if (lacking.length > 0) throw new Error(`${lacking.join(', ')} are not`);
      return true;
    },
    ROLLED_WITHIN_MS,
  );
  await label(api, left, { theirs: 'yes' }, 'kubectl');
  const before = await uids(api, left);
  assert.ok((await ownedBy(api, MANAGER)).length > 0, 'the API server says that the operator before owns something');
  const audit = auditReader(cluster.auditLog);
  audit.read();
  await using operator = await startOperator(cluster, left.operator);
  await Promise.race([taken(cluster, left, operator, before), operator.ended]);
  const asked = audit.read().filter(({ user }) => user === operator.user);
  assert.ok(asked.some(isWrite), 'the operator was seen in the audit log');
  return forbidden(asked);
}

/** @throws {Error} when it did not go as it should. */
async function taken(cluster: Cluster, left: Left, operator: RunningOperator, before: readonly string[]): Promise<void> {
  const { api } = cluster;
  await settled(api, left, operator);
  // Whoever restarts pods has seen what the operator wrote, and has ended: nothing goes on any more.
  await eventually('every StatefulSet is seen as it is now', async () =>
    (await api.list(StatefulSet, { namespace: NAMESPACE })).items.every(({ metadata, status }) => status?.observedGeneration === metadata.generation),
  );
  await atRest({ api, operator, namespace: NAMESPACE });
  assert.deepEqual(await uids(api, left), before, 'pods that nobody restarted');

  await api.patch(left.kind, AT, { type: 'merge', body: { spec: left.drops } });
  const gone = async () => {
    await left.nothingLeft(cluster);
    assert.deepEqual(await ownedBy(api, MANAGER), [], 'what the operator before still owns');
    return true;
  };
  await eventually('what the spec drops is gone', gone, ROLLED_WITHIN_MS);
  await settled(api, left, operator);
  await gone();
  assert.equal((await api.get(Service, { ...AT, name: left.service })).metadata.labels?.['theirs'], 'yes', "somebody else's label");

  await api.delete(left.kind, AT);
  await eventually('its pods are gone', async () => (await uids(api, left)).length === 0, ROLLED_WITHIN_MS);
}

/** The kinds of an operator are served. */
async function defined(api: Api, { operator }: Left): Promise<void> {
  for (const manifest of entries([operator]).flatMap(crdManifests)) {
    await api.apply(CustomResourceDefinition, manifest, { fieldManager: 'binnacle', force: true });
    await eventually(`${manifest.metadata.name} is served`, async () =>
      isEstablished(await api.get(CustomResourceDefinition, { name: manifest.metadata.name })),
    );
  }
}

/** Until the cluster is Ready for its spec as it is now, and the operator has nothing more to do. */
async function settled(api: Api, { kind }: Left, operator: RunningOperator): Promise<void> {
  await eventually(
    `${kind.kind} ${AT.name} is Ready`,
    async () => {
      const now = (await api.get(kind, AT)) as { readonly metadata: ObjectMeta; readonly status?: Told };
      if (isReady(now) && now.status?.observedGeneration === now.metadata.generation) return true;
      throw new Error(`generation ${now.metadata.generation}, ${inWords(now.status)}`);
    },
    ROLLED_WITHIN_MS,
  );
  await eventually('the operator is idle', () => operator.idle);
}

/** Pods of the cluster, with their UIDs; which of them are on their way out. */
async function uids(api: Api, { pods }: Left): Promise<readonly string[]> {
  const { items } = await api.list(Pod, { namespace: NAMESPACE });
  return items
    .filter(({ metadata }) => pods.includes(metadata.name))
    .map(({ metadata: { name, uid, deletionTimestamp } }) => `${name} ${uid}${deletionTimestamp === undefined ? '' : ' going'}`)
    .toSorted();
}

/** Objects of which `manager` owns fields, by Update, and which. */
async function ownedBy(api: Api, manager: string): Promise<readonly string[]> {
  const owned: string[] = [];
  for (const kind of [StatefulSet, Service, ConfigMap])
    for (const { metadata } of (await api.list(kind as AnyKind, { namespace: NAMESPACE })).items)
      for (const one of metadata.managedFields ?? [])
        if (one.manager === manager && one.operation === 'Update' && one.subresource === undefined)
          owned.push(`${kind.kind} ${metadata.name}: ${JSON.stringify(one.fieldsV1)}`);
  return owned;
}

const label = (api: Api, { service }: Left, labels: Readonly<Record<string, string>>, fieldManager: string) =>
  api.patch(Service, { ...AT, name: service }, { type: 'merge', body: { metadata: { labels } } }, { fieldManager });
