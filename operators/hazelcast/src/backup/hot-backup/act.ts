import type { BackupState, Run } from '../../api/hot-backup.ts';
import type { Backup } from '../../api/hot-backup.ts';
import type { Cluster } from '../../api/hazelcast.ts';
import { keyOf } from '../../hazelcast/members/see.ts';
import { MemberError } from '../../protocol/error.ts';
import type { AgentAddress } from '../agent/client.ts';
import { whyNot } from './observe.ts';
import type { Doors, Ways } from './observe.ts';
import type { Action } from './plan.ts';

/** How a pass over a backup ended. */
export type Result =
  | { readonly type: 'run'; readonly run: Run }
  | {
      readonly type: 'finished';
      readonly state: Extract<BackupState, 'Success' | 'Failure'>;
      readonly message: string;
      readonly backupUUIDs: readonly string[];
    }
  | { readonly type: 'wait'; readonly reason: string; readonly message: string };

/** Does the actions in their order, up to the first that ends the pass. What cannot be done now is a wait: the next pass observes and decides again. */
export async function act(actions: readonly Action[], hz: Cluster, hb: Backup, ways: Ways, doors: Doors, signal: AbortSignal): Promise<Result> {
  let refused: string | undefined;
  for (const action of actions) {
    try {
      const result = await one(action, hz, hb, ways, doors, signal);
      // A refused order is told only after the cluster is ACTIVE again.
      if (result !== undefined) return refused === undefined ? result : { type: 'finished', state: 'Failure', message: refused, backupUUIDs: [] };
    } catch (error) {
      const why = whyNot(error);
      if (action.do === 'trigger' && error instanceof MemberError && error.code === 'refused') refused = `members refused to take a backup: ${error.message}`;
      else if (action.do !== 'trigger' && action.do !== 'interrupt') return { type: 'wait', reason: 'MembersUnreachable', message: `${action.do}: ${why}` };
    }
  }
  return { type: 'wait', reason: 'InProgress', message: 'the backup is being taken' };
}

async function one(action: Action, hz: Cluster, hb: Backup, ways: Ways, doors: Doors, signal: AbortSignal): Promise<Result | undefined> {
  const [first] = ways.pods;
  const key = keyOf(hz);
  const ip = first?.ip ?? '';
  switch (action.do) {
    case 'passivate':
      await doors.members.changeState(key, ip, 'PASSIVE', signal);
      return undefined;
    case 'activate':
      await doors.members.changeState(key, ip, 'ACTIVE', signal);
      return undefined;
    case 'trigger':
    case 'interrupt':
      await doors.members.backup(key, ip, action.do, signal);
      return undefined;
    case 'upload':
      return await upload(action.member, hz, hb, ways, doors, signal);
    case 'cleanup':
    case 'forget':
      await endUpload(action.upload, action.do, ways, doors, signal);
      return undefined;
    case 'remember':
      return { type: 'run', run: action.run };
    case 'finish':
      return { type: 'finished', state: action.state, message: action.message, backupUUIDs: action.backupUUIDs };
    case 'wait':
      return { type: 'wait', reason: action.reason, message: action.message };
  }
}

async function upload(member: string, hz: Cluster, hb: Backup, ways: Ways, doors: Doors, signal: AbortSignal): Promise<Result> {
  const pod = ways.pods.find(({ name }) => name === member);
  const run = hb.status?.run;
  if (pod === undefined || run === undefined) return { type: 'wait', reason: 'MembersUnreachable', message: `${member} is not there` };
  const target = { bucketURI: hb.spec.bucketURI ?? '', secretName: hb.spec.secretName || hb.spec.secret || '', cluster: hz.metadata.name };
  const id = await doors.agents.upload(pod.agent, { baseDir: ways.baseDir, member: pod.ordinal, ...target }, signal);
  return { type: 'run', run: { ...run, uploads: [...(run.uploads ?? []), { member, id }] } };
}

/** Ends an upload. What the agent cannot end does not keep a backup from its end: the bucket belongs to the user, who is told of the failure. */
export async function endUpload(
  { member, id }: { readonly member: string; readonly id: string },
  how: 'cancel' | 'cleanup' | 'forget',
  ways: { readonly pods: readonly { readonly name: string; readonly agent: AgentAddress }[] },
  doors: Doors,
  signal: AbortSignal,
): Promise<void> {
  const pod = ways.pods.find(({ name }) => name === member);
  if (pod === undefined) return;
  try {
    await doors.agents.end(pod.agent, id, how, signal);
  } catch (error) {
    whyNot(error);
  }
}
