import type { Network } from '@binnacle/client';
import type { Fate, NetworkDoor, Subject } from '@binnacle/testing';
import { agents } from '../src/backup/agent/client.ts';
import type { Agents } from '../src/backup/agent/client.ts';
import { AgentError } from '../src/backup/agent/error.ts';
import type { Buckets } from '../src/backup/bucket/client.ts';
import { BucketError } from '../src/backup/bucket/error.ts';
import { hazelcastOperator } from '../src/index.ts';

/**
 * Calls to agents, questions too, and to buckets, for crashes. They are encrypted on the network, so they are counted where they are made: the door only tells
 * whose fate it is. It comes last among the doors of a story.
 */
export function agentDoor(subject: Subject, buckets: Buckets): { readonly door: NetworkDoor; readonly subject: Subject } {
  const fates = new WeakMap<Network, Fate>();
  return {
    door(network, fate) {
      const own: Network = { connect: (address, signal) => network.connect(address, signal) };
      fates.set(own, fate);
      return own;
    },
    subject: {
      ...subject,
      create(parts) {
        const fate = fates.get(parts.network);
        return hazelcastOperator({
          ...parts,
          ...(fate === undefined ? { buckets } : { agents: befallen(agents(parts), fate), buckets: befallenBuckets(buckets, fate) }),
        });
      },
    },
  };
}

const QUESTIONS: ReadonlySet<string> = new Set(['localBackups', 'uploadState']);

function befallen(inner: Agents, fate: Fate): Agents {
  const call = async <T>(name: string, run: () => Promise<T>): Promise<T> =>
    await through(fate, 'agent', name, QUESTIONS.has(name), run, (why) => new AgentError('unreachable', why));
  return {
    localBackups: (agent, place, signal) => call('localBackups', () => inner.localBackups(agent, place, signal)),
    uploadState: (agent, id, signal) => call('uploadState', () => inner.uploadState(agent, id, signal)),
    upload: (agent, place, signal) => call('upload', () => inner.upload(agent, place, signal)),
    end: (agent, id, how, signal) => call(how, () => inner.end(agent, id, how, signal)),
  };
}

function befallenBuckets(inner: Buckets, fate: Fate): Buckets {
  const failed = (why: string) => new BucketError('unreachable', why);
  return { delete: (bucket, key, signal) => through(fate, 'bucket', 'delete', false, () => inner.delete(bucket, key, signal), failed) };
}

async function through<T>(fate: Fate, door: string, name: string, asks: boolean, run: () => Promise<T>, failed: (why: string) => Error): Promise<T> {
  if (fate.dead.aborted) throw failed('the process died');
  const made = fate.next(door, name, asks);
  if (made.moment === undefined) {
    const answer = await run();
    made.heard(JSON.stringify(answer));
    return answer;
  }
  if (made.moment !== 'before') await run();
  if (made.moment !== 'lost') fate.die();
  throw failed('nobody hears the answer');
}
