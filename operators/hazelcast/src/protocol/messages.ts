import { RESPONSE_FIELDS, write } from './message.ts';
import type { Body, MessageReader } from './message.ts';

/** Types of the requests we send; a response has the type plus one. Source: spec/hazelcast-data-wan-jet.md §9.3, core §2.18. */
export const TYPES = {
  authentication: 0x000100,
  addClusterViewListener: 0x000300,
  membersView: 0x000302,
  ping: 0x000b00,
  changeClusterState: 0x200200,
  getMemberConfig: 0x200500,
  getTimedMemberState: 0x200b00,
  triggerHotRestartBackup: 0x201f00,
  interruptHotRestartBackup: 0x202000,
} as const;

/** Version of serialization that every 5.x member speaks. */
const SERIALIZATION = 1;
/** Sent as who we are; members show it to Management Center. */
const CLIENT = { type: 'GOO', version: '1.5.0', name: 'operator' } as const;

/** What a member answers to a login. */
export interface Login {
  readonly memberUuid: string;
  readonly clusterId: string | null;
  readonly partitionCount: number;
  /** Only Enterprise members can fail a client over to another cluster. */
  readonly enterprise: boolean;
}

/** No user and no password, as null and never as empty text: an open-source member denies anything else. */
export function authentication(clientUuid: string, clusterName: string): Body {
  return {
    type: TYPES.authentication,
    fixed: [
      { type: 'uuid', value: clientUuid },
      { type: 'byte', value: SERIALIZATION },
    ],
    variable: [
      ...write.text(clusterName),
      ...write.text(null),
      ...write.text(null),
      ...write.text(CLIENT.type),
      ...write.text(CLIENT.version),
      ...write.text(CLIENT.name),
      ...write.list([]),
    ],
  };
}

/** Why a login failed, by the member's status. */
const DENIALS: Readonly<Record<number, string>> = {
  1: 'wrong cluster name, or credentials are wanted',
  2: 'another version of serialization',
  3: 'not allowed in this cluster',
};

/** @returns the login, or why there is none. What newer members append is not read. */
export function readLogin(message: MessageReader): Login | { readonly denied: string } {
  const status = message.byte(RESPONSE_FIELDS);
  if (status !== 0) return { denied: DENIALS[status] ?? `status ${status}` };
  const memberUuid = message.uuid(14);
  if (memberUuid === null) return { denied: 'the member has no UUID yet' };
  return { memberUuid, partitionCount: message.int(32), clusterId: message.uuid(36), enterprise: message.boolean(53) };
}

/** Asks for nothing but an answer. */
export const ping: Body = { type: TYPES.ping };

/** The answering member's statistics, as JSON text. */
export const getTimedMemberState: Body = { type: TYPES.getTimedMemberState };

/** Starts a backup on every member, below the backup directory of each. Members refuse it while one is being taken. */
export const triggerHotRestartBackup: Body = { type: TYPES.triggerHotRestartBackup };

/** Ends the backup that is being taken, on every member. None being taken is no error. */
export const interruptHotRestartBackup: Body = { type: TYPES.interruptHotRestartBackup };

/** In the order of their ids; IN_TRANSITION is the members' own. */
const STATES = ['ACTIVE', 'NO_MIGRATION', 'FROZEN', 'PASSIVE'] as const;
export type ClusterState = (typeof STATES)[number];

/** The state of the whole cluster. The one it is in already is no error. */
export function changeClusterState(state: ClusterState): Body {
  return { type: TYPES.changeClusterState, fixed: [{ type: 'int', value: STATES.indexOf(state) }] };
}

/** A state by its id; undefined for one that cannot be asked for. */
export function clusterStateOf(id: number): ClusterState | undefined {
  return STATES[id];
}

/** The first of the causes in an error response. @throws {FrameError} */
export function readError(message: MessageReader): { readonly code: number; readonly className: string; readonly text: string } {
  message.begin();
  message.begin();
  const code = message.frame().readInt32LE(0);
  return { code, className: message.text() ?? '', text: message.text() ?? '' };
}

/** An error response with one cause. */
export function errorBody(code: number, className: string, text: string): Body {
  return {
    type: 0,
    variable: write.list([write.structure([{ type: 'int', value: code }], [...write.text(className), ...write.text(text), ...write.list([])])]),
  };
}
