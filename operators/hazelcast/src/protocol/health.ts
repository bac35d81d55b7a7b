import { request } from 'node:http';
import type { Duplex } from 'node:stream';
import { NetworkError, alarm } from '@binnacle/client';
import type { Clock, Network } from '@binnacle/client';
import { z } from 'zod';
import { MemberError } from './error.ts';
import type { MemberAddress } from './connection.ts';

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

/** Time limit of the whole request; ms. */
const LIMIT_MS = 5_000;
/** The page has some hundred bytes. */
const PAGE_BYTES_MOST = 64 * 1024;

/**
 * `GET /hazelcast/health` of one member's REST port. Source: spec/hazelcast-members.md §5: the same on 5.3 to 5.7. One connection a call, since
 * members promise no keep-alive.
 * @throws {MemberError} `unreachable`, `lost`, or `unreadable` for anything but the page; the signal's reason when aborted.
 */
export async function memberHealth(doors: { readonly network: Network; readonly clock: Clock }, address: MemberAddress, signal: AbortSignal): Promise<Health> {
  const where = `${address.host}:${address.port}`;
  using limit = alarm(doors.clock, LIMIT_MS);
  const either = AbortSignal.any([signal, limit.signal]);
  try {
    const stream = await doors.network.connect(address, either);
    try {
      return parseHealth(await get(stream, address.host, '/hazelcast/health', either), where);
    } finally {
      stream.destroy();
    }
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof MemberError) throw error;
    throw new MemberError(error instanceof NetworkError ? 'unreachable' : 'lost', `${where}: no health page`, { cause: error });
  }
}

/** @throws {MemberError} `unreadable` */
export function parseHealth(body: string, where: string): Health {
  try {
    return Page.parse(JSON.parse(body));
  } catch (error) {
    throw new MemberError('unreadable', `${where}: not a health page`, { cause: error });
  }
}

function get(stream: Duplex, host: string, path: string, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const sent = request({ method: 'GET', host, path, signal, createConnection: () => stream }, (answer) => {
      let body = '';
      answer.setEncoding('utf8');
      answer.on('data', (part: string) => {
        body += part;
        if (body.length > PAGE_BYTES_MOST) answer.destroy(new Error('the page is too long'));
      });
      answer.on('error', reject);
      answer.on('end', () => (answer.statusCode === 200 ? resolve(body) : reject(new Error(`status ${answer.statusCode}`))));
    });
    sent.on('error', reject);
    sent.end();
  });
}
