import type { Mandate } from '@binnacle/runtime';
import type { Backup, BackupState, Run, Upload } from '../../api/hot-backup.ts';
import { keyOf } from '../../hazelcast/members/see.ts';
import { MemberError } from '../../protocol/error.ts';
import { AgentError } from '../agent/error.ts';
import type { Agents } from '../agent/client.ts';
import { whyNot } from './observe.ts';
import type { Doors, Ways } from './observe.ts';
import type { Action } from './plan.ts';

/** How a pass over a backup ended. */
export type Result =
  /** `passive`: the cluster could not be made ACTIVE. */
  | { readonly type: 'run'; readonly run: Run; readonly asking?: readonly Upload[]; readonly passive?: true }
  | {
      readonly type: 'finished';
      readonly state: Extract<BackupState, 'Success' | 'Failure'>;
      readonly message: string;
      readonly backupUUIDs: readonly string[];
    }
  | { readonly type: 'wait'; readonly reason: string; readonly message: string };

/** What acting takes: the backup and its members, and whom to tell that an agent is asked now, before it is. */
export interface Acting {
  readonly hb: Backup;
  readonly ways: Ways;
  readonly doors: Doors;
  readonly mandate: Mandate;
  readonly asks: (upload: Upload) => void;
}

/** Does the actions in their order, up to the first that ends the pass. What cannot be done now is a wait: the next pass observes and decides again. */
export async function act(actions: readonly Action[], acting: Acting): Promise<Result> {
  let refused: string | undefined;
  for (const action of actions) {
    try {
      const result = await one(action, acting);
      if (result === undefined) continue;
      // A refused order is told only after the cluster is ACTIVE again.
      return refused !== undefined && result.type === 'run' ? { type: 'run', run: { ...result.run, failure: refused } } : result;
    } catch (error) {
      const why = whyNot(error);
      const no = error instanceof MemberError && error.code === 'refused' ? error.message : undefined;
      if (action.do === 'trigger' && no !== undefined) refused = `members refused to take a backup: ${no}`;
      // Nothing has changed: members say no as a whole, while partitions move above all.
      else if (action.do === 'passivate' && no !== undefined)
        return { type: 'wait', reason: 'PassiveRefused', message: 'members do not let the cluster become PASSIVE yet, as while partitions move' };
      else if (action.do === 'activate') return passive(actions, `${action.do}: ${why}`, refused);
      else if (action.do !== 'trigger' && action.do !== 'interrupt') return { type: 'wait', reason: 'MembersUnreachable', message: `${action.do}: ${why}` };
    }
  }
  return { type: 'wait', reason: 'InProgress', message: 'the backup is being taken' };
}

/** Nothing is done to a cluster that stays PASSIVE; what is known by then is written down all the same, since the HotBackup may be deleted meanwhile. */
function passive(actions: readonly Action[], message: string, refused: string | undefined): Result {
  const known = actions.find((action) => action.do === 'remember');
  if (known === undefined) return { type: 'wait', reason: 'MembersUnreachable', message };
  return { type: 'run', run: refused === undefined ? known.run : { ...known.run, failure: refused }, passive: true };
}

async function one(action: Action, acting: Acting): Promise<Result | undefined> {
  const { ways, doors, mandate } = acting;
  const key = keyOf(ways.hz);
  const ip = ways.pods[0]?.ip ?? '';
  switch (action.do) {
    case 'passivate':
      await doors.members.changeState(key, ip, 'PASSIVE', mandate);
      return undefined;
    case 'activate':
      await doors.members.changeState(key, ip, 'ACTIVE', mandate);
      return undefined;
    case 'trigger':
    case 'interrupt':
      await doors.members.backup(key, ip, action.do, mandate);
      return undefined;
    case 'upload':
      return await upload(action.upload, acting);
    case 'cancel':
    case 'cleanup':
    case 'forget':
      await endUpload(action.upload, action.do, ways, doors.agents, mandate);
      return undefined;
    case 'remember':
      return { type: 'run', run: action.run, ...(action.asking === undefined ? {} : { asking: action.asking }) };
    case 'finish':
      return { type: 'finished', state: action.state, message: action.message, backupUUIDs: action.backupUUIDs };
    case 'wait':
      return { type: 'wait', reason: action.reason, message: action.message };
  }
}

async function upload(wanted: Upload, { hb, ways, doors, mandate, asks }: Acting): Promise<Result> {
  const pod = ways.pods.find(({ name }) => name === wanted.member);
  const run = hb.status?.run;
  if (pod?.agent === undefined || run === undefined) return { type: 'wait', reason: 'MembersUnreachable', message: `${wanted.member} is not there` };
  const target = { bucketURI: hb.spec.bucketURI ?? '', secretName: hb.spec.secretName || hb.spec.secret || '', cluster: ways.hz.metadata.name };
  asks(wanted);
  try {
    const id = await doors.agents.upload(pod.agent, { baseDir: ways.baseDir, member: pod.ordinal, ...target }, mandate);
    return { type: 'run', run: { ...run, uploads: run.uploads?.map((known) => (known.member === wanted.member ? { ...known, id } : known)) ?? [] } };
  } catch (error) {
    if (!(error instanceof AgentError) || error.code !== 'refused') throw error;
    return { type: 'run', run: { ...run, failure: `Upload failed: ${wanted.member}: its agent refused it` } };
  }
}

/** Ends an upload. What the agent refuses does not keep a backup from its end: the bucket belongs to the user, who is told of the failure. */
export async function endUpload(
  { member, id }: { readonly member: string; readonly id: string },
  how: 'cancel' | 'cleanup' | 'forget',
  ways: Ways,
  agents: Agents,
  mandate: Mandate,
): Promise<void> {
  const agent = ways.pods.find(({ name }) => name === member)?.agent;
  if (agent === undefined) return;
  try {
    await agents.end(agent, id, how, mandate);
  } catch (error) {
    if (!(error instanceof AgentError) || error.code !== 'refused') throw error;
  }
}
