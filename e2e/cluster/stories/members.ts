import assert from 'node:assert/strict';
import { Pod } from '@binnacle/client/kinds';
import { Hazelcast } from '@binnacle/hazelcast';
import { eventually } from '../../eventually.ts';
import type { World } from '../story.ts';

export const NAMESPACE = 'members';
export const NAME = 'hz';
export const AT = { namespace: NAMESPACE, name: NAME };

/** A cluster of real members: open source, spread over the nodes, with little memory and a quick start. */
export function hazelcast(clusterSize: number, more: Readonly<Record<string, unknown>> = {}) {
  const jvm = { args: ['-Xmx192m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'] };
  const spec = { clusterSize, repository: 'docker.io/hazelcast/hazelcast', version: '5.5.0', highAvailabilityMode: 'NODE', jvm, ...more };
  return { apiVersion: 'hazelcast.com/v1alpha1', kind: 'Hazelcast', metadata: AT, spec };
}

/** Applies it and waits until the CR is Ready for that spec, and every member itself agrees on the size: one that starts alone looks healthy too. */
export async function sized(world: World, size: number, more: Readonly<Record<string, unknown>> = {}): Promise<void> {
  await world.apply(hazelcast(size, more));
  const { metadata } = await world.api.get(Hazelcast, AT);
  await eventually(
    `Ready with ${size} members`,
    async () => {
      const { status } = await world.api.get(Hazelcast, AT);
      const condition = status?.conditions?.find(({ type }) => type === 'Ready');
      if (condition?.status === 'True' && status?.observedGeneration === metadata.generation) return true;
      throw new Error(`${condition?.reason}: ${condition?.message}`);
    },
    300_000,
  );
  await allSay(world, size);
}

/** Every member itself says that the cluster has so many; one that does not answer in time is asked again. */
export async function allSay(world: World, size: number): Promise<void> {
  const asked = (await addresses(world)).map((ip) => eventually(`${ip} tells how many members it sees`, async () => (await health(ip))['clusterSize']));
  assert.deepEqual(
    await Promise.all(asked),
    Array.from({ length: size }, () => size),
  );
}

export const SELECTOR = `app.kubernetes.io/instance=${NAME}`;

export async function pods({ api }: World) {
  return (await api.list(Pod, { namespace: NAMESPACE, labelSelector: SELECTOR })).items;
}

export const uids = async (world: World): Promise<readonly string[]> => (await pods(world)).map((pod) => pod.metadata.uid);
export const addresses = async (world: World): Promise<readonly string[]> => (await pods(world)).map((pod) => pod.status?.podIP ?? '');

/** What a member says of its cluster's health over REST. */
export async function health(ip: string): Promise<Readonly<Record<string, unknown>>> {
  const answer = await fetch(`http://${ip}:8081/hazelcast/health`, { signal: AbortSignal.timeout(3_000) });
  return (await answer.json()) as Readonly<Record<string, unknown>>;
}
