import type { Network } from '@binnacle/client';
import type { Subject } from '@binnacle/testing';
import { TYPES } from '../src/protocol/messages.ts';
import { MEMBER_PORT, TYPE_AT } from './message-door.ts';

/** Of a message that changes the cluster's state: where the state is, behind the fixed part of a request (spec/hazelcast-data-wan-jet.md §9.1), and ACTIVE in it. */
const STATE_AT = TYPE_AT + 16;
const ACTIVE = 0;

/** Members that hang up on whoever makes the cluster ACTIVE again, for as long as they are told to: after a backup it stays PASSIVE. */
export function stubborn(refuse: { now: boolean }, subject: Subject): Subject {
  const network = (inner: Network): Network => ({
    async connect(address, signal) {
      const stream = await inner.connect(address, signal);
      if (address.port !== MEMBER_PORT) return stream;
      const write = stream.write.bind(stream) as (chunk: Buffer | string) => boolean;
      stream.write = (chunk: Buffer | string) => {
        const told = typeof chunk !== 'string' && chunk.length > STATE_AT && chunk.readInt32LE(TYPE_AT) === TYPES.changeClusterState;
        if (!told || !refuse.now || chunk[STATE_AT] !== ACTIVE) return write(chunk);
        stream.destroy();
        return false;
      };
      return stream;
    },
  });
  return { ...subject, create: (parts) => subject.create({ ...parts, network: network(parts.network) }) };
}
