import { isReady } from '@binnacle/client';
import type { Live } from '@binnacle/client';
import { Pod, Secret } from '@binnacle/client/kinds';
import type { Subject, World } from '@binnacle/testing';
import { Hazelcast } from '../src/api/hazelcast.ts';
import { hazelcastOperator, hazelcastResources } from '../src/index.ts';
import { hazelcastSimulation } from '../src/simulator/index.ts';
import type { SimulatedBuckets } from '../src/simulator/index.ts';
import { connectMember } from '../src/protocol/connection.ts';
import { TYPES } from '../src/protocol/messages.ts';

const PARTS = { name: 'hazelcast', resources: hazelcastResources } as const;
const { images: simulated, buckets: filled } = hazelcastSimulation();

/** The operator, with its simulated members. */
export const hazelcast: Subject = { ...PARTS, images: simulated, create: (parts) => hazelcastOperator({ ...parts, buckets: filled }) };

/** The same, with buckets of its own, and every line that a container wrote. */
export function overheard(): { readonly subject: Subject; readonly lines: readonly string[]; readonly buckets: SimulatedBuckets } {
  const lines: string[] = [];
  const simulation = hazelcastSimulation();
  const { buckets } = simulation;
  const images = simulation.images.map((image) => ({
    ...image,
    program: (container: Parameters<typeof image.program>[0]) => {
      const log = (line: string) => {
        lines.push(line);
        container.log(line);
      };
      // Sound: everything but `log` is the container's own.
      return image.program(Object.create(container, { log: { value: log } }) as typeof container);
    },
  }));
  return { subject: { ...PARTS, images, create: (parts) => hazelcastOperator({ ...parts, buckets }) }, lines, buckets };
}

export const REF = { namespace: 'default', name: 'prod' };
const USER = { fieldManager: 'user', force: true };
/** Virtual time that a roll-out of three members may take; ms. */
const LONG_MS = 1_800_000;

/** Members that go at once when they are told to, as Hazelcast has it by default: what saves their data then is the order in which the operator does things. */
export const ABRUPT = { args: ['-Dhazelcast.shutdownhook.policy=TERMINATE'] };

/** Writes the spec of `prod`, whole, as `kubectl apply` does; its members are `ABRUPT` unless told. */
export async function want(w: World, spec: object, annotations: Readonly<Record<string, string>> = {}): Promise<void> {
  await w.api.apply(Hazelcast, { metadata: { ...REF, annotations }, spec: { version: '5.5.0', jvm: ABRUPT, ...spec } } as never, USER);
}

/** Until `prod` is Ready for the spec as it is now. */
export async function ready(w: World): Promise<Live<typeof Hazelcast>> {
  await w.until(Hazelcast, REF, (now) => now !== undefined && isReady(now), LONG_MS);
  const found = await w.find(Hazelcast, REF);
  return found!;
}

/** Makes a licence there. */
export async function licence(w: World): Promise<void> {
  await w.api.apply(Secret, { metadata: { namespace: 'default', name: 'licence' }, data: { 'license-key': 'c2VjcmV0' } }, USER);
}

/** The members' pods, by name. */
export async function membersOf(w: World): Promise<readonly Live<typeof Pod>[]> {
  const { items } = await w.api.list(Pod, { namespace: 'default', labelSelector: 'app.kubernetes.io/instance=prod,app.kubernetes.io/name=hazelcast' });
  return items.toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
}

/** Whether `prod` says that every member runs the configuration that is wanted. */
export function current(now: Live<typeof Hazelcast> | undefined): boolean | undefined {
  const found = now?.status?.conditions?.find(({ type }) => type === 'ConfigurationCurrent');
  return found === undefined ? undefined : found.status === 'True';
}

export const uidsOf = async (w: World): Promise<readonly string[]> => (await membersOf(w)).map(({ metadata }) => metadata.uid);

/** What each member says that it is configured with, in XML. */
export async function configurations(w: World): Promise<readonly string[]> {
  const never = new AbortController().signal;
  const told: string[] = [];
  for (const pod of await membersOf(w)) {
    const asked = (async () => {
      using connection = await connectMember({ network: w.sandbox.network, clock: w.clock }, { host: pod.status?.podIP ?? '', port: 5701 }, 'dev', never);
      return (await connection.invoke({ type: TYPES.getMemberConfig }, never)).text() ?? '';
    })();
    let over = false;
    const ended = asked.finally(() => (over = true));
    await w.clock.until(() => over);
    told.push(await ended);
  }
  return told;
}
