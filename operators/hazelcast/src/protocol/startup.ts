import type { Clock, Network } from '@binnacle/client';
import type { Mandate } from '@binnacle/runtime';
import { z } from 'zod';
import type { MemberAddress } from './connection.ts';
import { MemberError } from './error.ts';
import { rest } from './rest.ts';

const PATHS = { ForceStart: 'forceStart', PartialStart: 'partialStart' } as const;
const Answer = z.object({ status: z.string() });

/**
 * Tells members that wait for data to start without it. They serve no clients yet, but REST. @returns false: this one does not wait, which is answered with
 * status 200 too. Source: spec/hazelcast-core.md §2.14, spec/hazelcast-members.md §5.
 * @throws {MemberError}
 */
export async function startupAction(
  doors: { readonly network: Network; readonly clock: Clock },
  address: MemberAddress,
  clusterName: string,
  action: keyof typeof PATHS,
  mandate: Mandate,
): Promise<boolean> {
  const path = `/hazelcast/rest/management/cluster/${PATHS[action]}`;
  const text = await rest(doors, address, { method: 'POST', path, body: `${encodeURIComponent(clusterName)}&` }, mandate);
  try {
    return Answer.parse(JSON.parse(text)).status === 'success';
  } catch (error) {
    throw new MemberError('unreadable', `${address.host}: not the answer to ${path}`, { cause: error });
  }
}
