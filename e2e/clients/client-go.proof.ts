import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '@binnacle/client';
import { Lease } from '@binnacle/client/kinds';
import { noMetrics, operator, runOperator, silentLogger } from '@binnacle/runtime';
import { crdManifests } from '../../apps/binnacle/src/install.ts';
import { entries } from '../../apps/binnacle/src/operators.ts';
import { DEFINITIONS, done, PATCH } from '../conformance/requests.ts';
import { eventually } from '../eventually.ts';
import { openTarget } from '../target.ts';
import { goCase, missingClientGo } from './client-go.ts';

const target = await openTarget();
const skip = { skip: missingClientGo() ?? false };
const AGGREGATED =
  'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList';
/** As operators of ours name it. */
const LEASE = 'handed-operator';
const CASES: Readonly<Record<string, string>> = {
  informer: 'a shared informer sees what is there, comes, changes and goes, and all of it again at each resync',
  resume: 'a watch that the server ends each second is taken up where it ended: nothing is missed, nothing comes twice',
  pages: 'a list of several pages is one moment',
  apply: 'typed server-side apply: made, repeated, in conflict, forced, taken over, given up field by field',
  patch: 'three kinds of patches, on an object, its status and its scale',
  discovery: 'kinds of ours and of Kubernetes are found by every name they go by',
  dynamic: 'a Hazelcast by the dynamic client and a dynamic informer',
};

for (const [name, what] of Object.entries(CASES)) {
  test(`4. client-go: ${what}`, skip, async () => {
    if (name === 'discovery' || name === 'dynamic') await defineHazelcast();
    await using ns = await target.namespace();
    await using running = await goCase(name, target.kubeconfig, ns.name);
    await running.end();
  });
}

test('4. an operator of ours and one on client-go hand a Lease to each other, and ours takes it from one that was killed', skip, async () => {
  await using ns = await target.namespace();
  const ours = () => candidate(ns.name);
  const theirs = () => goCase('elect', target.kubeconfig, ns.name, { LEASE });
  const holder = async () => (await target.api.get(Lease, { namespace: ns.name, name: LEASE })).spec?.holderIdentity;
  await using first = ours();
  await first.leads;
  await using second = await theirs();
  await second.said('sees ours');
  assert.equal(await holder(), 'ours');
  await first.end();
  await second.said('leads');
  assert.equal(await holder(), 'client-go');
  await using third = ours();
  await second.end();
  await second.said('led');
  await third.leads;
  assert.equal(await holder(), 'ours');
  await third.end();
  await using fourth = await theirs();
  await fourth.said('leads');
  await using fifth = ours();
  await fourth.kill();
  await fifth.leads;
  const { spec } = await target.api.get(Lease, { namespace: ns.name, name: LEASE });
  assert.deepEqual([spec?.holderIdentity, spec?.leaseTransitions], ['ours', 4], 'counted by both');
  await fifth.end();
});

/** An operator of ours that does nothing but lead. */
function candidate(namespace: string): AsyncDisposable & { readonly leads: Promise<void>; end(): Promise<void> } {
  const stop = new AbortController();
  const leads = Promise.withResolvers<void>();
  const metrics = { ...noMetrics, leading: (_: string, on: boolean) => void (on && leads.resolve()) };
  const { api } = target;
  const running = runOperator(operator({ name: 'handed', controllers: [] }), {
    api,
    clock: systemClock(),
    log: silentLogger,
    namespaces: [namespace],
    leaderElection: { namespace, identity: 'ours' },
    signal: stop.signal,
    metrics,
  });
  const end = async (): Promise<void> => {
    stop.abort();
    await running;
  };
  return { leads: leads.promise, end, [Symbol.asyncDispose]: end };
}

async function defineHazelcast(): Promise<void> {
  const definitions = entries(['hazelcast']).flatMap(crdManifests);
  for (const definition of definitions)
    await done(target, 'PATCH', `${DEFINITIONS}/${definition.metadata.name}?fieldManager=kubectl&force=true`, definition, PATCH.apply);
  const path = '/apis/hazelcast.com/v1alpha1/hazelcasts';
  await eventually('Hazelcasts are served', async () => (await target.ask('GET', path)).status === 200);
  // What is served is discovered later, and in each of the two forms by itself.
  await eventually('Hazelcasts are discovered', async () => {
    const { json } = await target.ask('GET', '/apis/hazelcast.com/v1alpha1');
    const { json: all } = await target.ask('GET', '/apis', { headers: { accept: AGGREGATED } });
    const group = all?.items.find(({ metadata }: any) => metadata.name === 'hazelcast.com');
    const named = (resources: readonly any[] = [], key: string) => resources.some((one) => one[key] === 'hazelcasts');
    return named(json?.resources, 'name') && named(group?.versions[0].resources, 'resource');
  });
}
