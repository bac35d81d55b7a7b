import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AnyKind } from '@binnacle/client';
import { ConfigMap, PodDisruptionBudget, Role, RoleBinding, Secret, Service, ServiceAccount, StatefulSet } from '@binnacle/client/kinds';
import type { ObjectMeta } from '@binnacle/client/kinds';
import { world } from '@binnacle/testing';
import type { World } from '@binnacle/testing';
import { agentCertificate } from '../src/agent/certificate.ts';
import { Hazelcast } from '../src/api/hazelcast.ts';
import { CONFIGURATION, TEMPLATE_HASH } from '../src/hazelcast/names.ts';
import { yamlOf } from '../src/hazelcast/objects/config.ts';
import { FIELDS, LICENCE } from './fields.ts';
import { put } from './put.ts';
import { hazelcast } from './subject.ts';

const REF = { namespace: 'default', name: 'prod' };
/** Without members, so that no field is fixed yet and nothing waits for a restart: what is made of the spec is made all the same. */
const PAUSED = { ...LICENCE, clusterSize: 0 };

const KINDS: readonly AnyKind[] = [StatefulSet, Service, ConfigMap, ServiceAccount, Role, RoleBinding, PodDisruptionBudget];

/** What the API server gives out as it likes, and how far members have got. */
const PASSING: ReadonlySet<string> = new Set(['clusterIP', 'clusterIPs', 'nodePort', 'healthCheckNodePort', TEMPLATE_HASH, CONFIGURATION]);

/** What a spec comes to in the cluster, the configuration of members included. */
async function made(w: World, spec: object): Promise<Readonly<Record<string, unknown>>> {
  await put(w, Hazelcast, REF.name, { spec: { ...PAUSED, ...spec } });
  await w.until(Hazelcast, REF, (now) => now?.status?.phase === 'Paused' && now.status.observedGeneration === now.metadata.generation);
  const all: Record<string, unknown> = { yaml: yamlOf(await w.find(Secret, REF)) };
  for (const kind of KINDS) {
    for (const object of (await w.api.list(kind, { namespace: 'default', labelSelector: 'app.kubernetes.io/instance=prod' })).items) {
      const { status: _, metadata, ...rest } = object as { readonly status?: unknown; readonly metadata: ObjectMeta };
      all[`${kind.kind} ${metadata.name}`] = { ...rest, labels: metadata.labels, annotations: metadata.annotations };
    }
  }
  return JSON.parse(JSON.stringify(all, (key, value: unknown) => (PASSING.has(key) ? undefined : value))) as typeof all;
}

async function remove(w: World): Promise<void> {
  await w.api.delete(Hazelcast, REF);
  await w.until(StatefulSet, REF, (now) => now === undefined);
}

test('whatever is set is set in the cluster, and gone from it once it is taken out of the spec', { timeout: 300_000 }, async () => {
  await using w = await world([hazelcast]);
  w.start(hazelcast);
  const { key, certificate } = agentCertificate(0);
  const data = { 'license-key': 'k', 'tls.crt': certificate, 'tls.key': key };
  for (const name of ['l', 'old', 'other', 's'])
    await put(w, Secret, name, { data: Object.fromEntries(Object.entries(data).map(([file, text]) => [file, Buffer.from(text).toString('base64')])) });
  let claims = '[]';
  for (const [path, [without, having]] of Object.entries(FIELDS)) {
    // The size is what is held at 0 here; claims of a StatefulSet are fixed.
    if (path === 'clusterSize' || /^(persistence|cpSubsystem|localDevices)\.(pvc|name|restore\.localConfig\.pvcNamePrefix)/.test(path)) continue;
    const needed = JSON.stringify(['persistence', 'cpSubsystem', 'localDevices'].filter((section) => section in without));
    if (needed !== claims) await remove(w);
    claims = needed;
    const before = await made(w, without);
    const set = await made(w, having);
    assert.notDeepEqual(set, before, `${path} changes nothing`);
    assert.deepEqual(await made(w, without), before, `${path} stays`);
  }
});
