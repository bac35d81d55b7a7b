import { agent } from './agent.ts';
import { simulatedBuckets } from './buckets.ts';
import type { SimulatedBuckets } from './buckets.ts';
import type { Image } from './container.ts';
import { fleet } from './fleet.ts';
import { managementCenter } from './management-center.ts';
import { member } from './member.ts';
import { remove } from './remove.ts';

const MEMBER = /(^|\/)hazelcast(-enterprise)?(:|@|$)/;

export type { SimulatedBuckets } from './buckets.ts';
export type { Container, Image, Program } from './container.ts';

/** A simulated outside world: what containers do in the sandbox, and the buckets that agents fill, for the operator. */
export interface Simulation {
  readonly images: readonly Image[];
  readonly buckets: SimulatedBuckets;
}

/** What the containers of a Hazelcast do in the sandbox: members, and the agent beside them, with buckets of their own. */
export function hazelcastSimulation(): Simulation {
  const buckets = simulatedBuckets();
  const images: readonly Image[] = [
    { image: MEMBER, when: ({ command }) => command[0] === 'rm', program: remove },
    { image: MEMBER, program: member(fleet()) },
    { image: /(^|\/)platform-operator-agent(:|@|$)/, program: agent(buckets) },
    { image: /(^|\/)management-center(:|@|$)/, program: managementCenter },
  ];
  return { images, buckets };
}
