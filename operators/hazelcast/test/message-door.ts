import { networkDoor } from '@binnacle/testing';
import type { NetworkDoor } from '@binnacle/testing';
import { TYPES } from '../src/protocol/messages.ts';

/** Where the type of a message is, behind the six bytes of its first frame's header; source: spec/hazelcast-data-wan-jet.md §9.1. */
const TYPE_AT = 6;
const MEMBER_PORT = 5701;
/** Questions, and what only keeps a connection alive. */
const ASKING: readonly number[] = [TYPES.authentication, TYPES.addClusterViewListener, TYPES.ping, TYPES.getMemberConfig, TYPES.getTimedMemberState];

/** Messages to members that change something, for crashes. */
export const messageDoor = networkDoor({
  name: 'message',
  callIn(chunk, { port }) {
    if (port !== MEMBER_PORT || chunk.length < TYPE_AT + 4) return undefined;
    const type = chunk.readInt32LE(TYPE_AT);
    return ASKING.includes(type) ? undefined : `0x${type.toString(16)}`;
  },
});

/** Lets everything through; `told` hears the type of each message to a member, and which. */
export const asked = (told: (type: number, host: string) => void): NetworkDoor =>
  networkDoor({
    name: 'message',
    callIn(chunk, { host, port }) {
      if (port === MEMBER_PORT && chunk.length >= TYPE_AT + 4) told(chunk.readInt32LE(TYPE_AT), host);
      return undefined;
    },
  });
