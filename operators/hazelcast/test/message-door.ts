import { networkDoor } from '@binnacle/testing';
import type { NetworkDoor } from '@binnacle/testing';
import { TYPES } from '../src/protocol/messages.ts';

/** Where the type of a message is, behind the six bytes of its first frame's header; source: spec/hazelcast-data-wan-jet.md §9.1. */
export const TYPE_AT = 6;
export const MEMBER_PORT = 5701;
/** Where the number of a message is, behind its type; what follows is what it says. */
const NUMBER_BYTES = 8;
/** What only keeps a connection alive. */
const NO_CALL: readonly number[] = [TYPES.addClusterViewListener, TYPES.ping];
/** What changes nothing. */
const QUESTIONS: ReadonlySet<string> = new Set(['authentication', 'getMemberConfig', 'getTimedMemberState'] satisfies (keyof typeof TYPES)[]);
const NAMES = new Map<number, string>(Object.entries(TYPES).map(([name, type]) => [type, name]));

/** Messages to members, questions too, for crashes. */
export const messageDoor = networkDoor({
  name: 'message',
  callIn(chunk, { host, port }) {
    if (port !== MEMBER_PORT || chunk.length < TYPE_AT + 4) return undefined;
    const type = chunk.readInt32LE(TYPE_AT);
    return NO_CALL.includes(type) ? undefined : `${NAMES.get(type) ?? `0x${type.toString(16)}`} to ${host}`;
  },
  asks: (call) => QUESTIONS.has(call.split(' ')[0] ?? ''),
  answerIn: (chunk) => chunk.toString('latin1', TYPE_AT + 4 + NUMBER_BYTES),
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
