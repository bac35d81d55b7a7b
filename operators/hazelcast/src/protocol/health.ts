import type { Clock, Network } from '@binnacle/client';
import { z } from 'zod';
import { MemberError } from './error.ts';
import type { MemberAddress } from './connection.ts';
import { rest } from './rest.ts';

/** The member's page about its own and its cluster's health. */
export interface Health {
  readonly nodeState: string;
  readonly clusterState: string;
  /** Every partition has all its copies, and none is on its way. A sample: only what all members say is to be believed. */
  readonly clusterSafe: boolean;
  readonly migrationQueueSize: number;
  readonly clusterSize: number;
}

const Page = z.object({
  nodeState: z.string(),
  clusterState: z.string(),
  clusterSafe: z.boolean(),
  migrationQueueSize: z.number().int().min(0),
  clusterSize: z.number().int().min(0),
});

/**
 * `GET /hazelcast/health` of one member's REST port. Source: spec/hazelcast-members.md §5: the same on 5.3 to 5.7. One connection a call, since
 * members promise no keep-alive.
 * @throws {MemberError} `unreachable`, `lost`, or `unreadable` for anything but the page; the signal's reason when aborted.
 */
export async function memberHealth(doors: { readonly network: Network; readonly clock: Clock }, address: MemberAddress, signal: AbortSignal): Promise<Health> {
  const where = `${address.host}:${address.port}`;
  return parseHealth(await rest(doors, address, { method: 'GET', path: '/hazelcast/health', body: '' }, { signal }), where);
}

/** @throws {MemberError} `unreadable` */
export function parseHealth(body: string, where: string): Health {
  try {
    return Page.parse(JSON.parse(body));
  } catch (error) {
    throw new MemberError('unreadable', `${where}: not a health page`, { cause: error });
  }
}
