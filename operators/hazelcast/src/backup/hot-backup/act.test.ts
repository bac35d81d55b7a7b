import assert from 'node:assert/strict';
import { test } from 'node:test';
import { alone } from '@binnacle/runtime';
import { MemberError } from '../../protocol/error.ts';
import type { MemberErrorCode } from '../../protocol/error.ts';
import type { Members } from '../../protocol/members.ts';
import { cluster } from '../../../test/cluster.ts';
import { act } from './act.ts';
import type { Acting } from './act.ts';

/** Members that answer the wish to become PASSIVE with this. */
function acting(code: MemberErrorCode): { readonly acting: Acting; readonly told: string[] } {
  const told: string[] = [];
  const members: Partial<Members> = {
    async changeState(_, __, state) {
      await Promise.resolve(told.push(state));
      throw new MemberError(code, 'no');
    },
  };
  const pods = [{ name: 'hazelcast-0', ip: '10.0.0.1', ordinal: 0, ready: true }];
  const parts = { ways: { hz: cluster(), baseDir: '', pods, problem: undefined }, doors: { members }, mandate: alone(new AbortController().signal) };
  return { acting: parts as unknown as Acting, told }; // sound: nothing else is asked
}

const order = [{ do: 'passivate' }, { do: 'trigger' }, { do: 'activate' }] as const;

test('members that do not let the cluster become PASSIVE are no members that cannot be reached, and nothing is asked of them after that', async () => {
  const refused = acting('refused');
  const result = await act(order, refused.acting);
  assert.equal(result.type === 'wait' && result.reason, 'PassiveRefused');
  assert.deepEqual(refused.told, ['PASSIVE']);
  const lost = await act(order, acting('lost').acting);
  assert.deepEqual(lost, { type: 'wait', reason: 'MembersUnreachable', message: 'passivate: member lost' });
});
