import assert from 'node:assert/strict';
import { test } from 'node:test';
import { alone } from '@binnacle/runtime';
import { MemberError } from '../../protocol/error.ts';
import type { Health } from '../../protocol/health.ts';
import type { Members } from '../../protocol/members.ts';
import { cluster } from '../../../test/cluster.ts';
import { activate } from './activate.ts';
import type { Doors, Way } from './observe.ts';

const never = new AbortController().signal;
const way = (ordinal: number, ready = true): Way => ({ name: `hazelcast-${ordinal}`, ip: `10.0.0.${ordinal}`, ordinal, ready });

/** Members that answer with a state, or do not. */
function doors(states: Readonly<Record<string, string>>): { readonly doors: Doors; readonly told: string[] } {
  const told: string[] = [];
  const state = (ip: string) => {
    if (states[ip] === undefined) throw new MemberError('unreachable', ip);
    return states[ip];
  };
  const members: Partial<Members> = {
    health: async (ip) => await Promise.resolve({ clusterState: state(ip) } as Health),
    changeState: async (_, ip, next) => void (await Promise.resolve(told.push(`${ip} ${next}`))),
  };
  // Sound: nothing else is asked.
  return { doors: { members: members as Members, agents: undefined as never, buckets: undefined as never }, told };
}

const waysOf = (...pods: readonly Way[]) => ({ hz: cluster(), baseDir: '', pods, certified: true });

test('one member that is down does not keep the cluster PASSIVE: any other makes it ACTIVE', async () => {
  const { doors: all, told } = doors({ '10.0.0.1': 'PASSIVE' });
  assert.deepEqual(await activate(waysOf(way(0), way(1)), all, alone(never)), { clusterState: 'ACTIVE' });
  assert.deepEqual(told, ['10.0.0.1 ACTIVE']);
});

test('a cluster that is not PASSIVE is told nothing', async () => {
  const { doors: all, told } = doors({ '10.0.0.0': 'FROZEN' });
  assert.deepEqual(await activate(waysOf(way(0)), all, alone(never)), { clusterState: 'FROZEN' });
  assert.deepEqual(told, []);
});

test('when nobody answers, it is said who does not, and that nothing is known', async () => {
  const { doors: none } = doors({});
  assert.deepEqual(await activate(waysOf(way(0), way(1, false)), none, alone(never)), {
    problem: 'hazelcast-0: member unreachable, hazelcast-1: member unreachable',
  });
  assert.deepEqual(await activate(waysOf(), none, alone(never)), { problem: 'no member is there' });
});
