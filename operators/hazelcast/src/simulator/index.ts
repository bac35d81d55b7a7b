import { agent } from './agent.ts';
import type { Image } from './container.ts';
import { fleet } from './fleet.ts';
import { managementCenter } from './management-center.ts';
import { member } from './member.ts';
import { remove } from './remove.ts';

const MEMBER = /(^|\/)hazelcast(-enterprise)?(:|@|$)/;

export type { Container, Image, Program } from './container.ts';

/** What the containers of a Hazelcast do in the sandbox: members, and the agent beside them. Clusters of different sandboxes share nothing but a list of addresses. */
export const hazelcastImages: readonly Image[] = [
  { image: MEMBER, when: ({ command }) => command[0] === 'rm', program: remove },
  { image: MEMBER, program: member(fleet()) },
  { image: /(^|\/)platform-operator-agent(:|@|$)/, program: agent },
  { image: /(^|\/)management-center(:|@|$)/, program: managementCenter },
];
