import type { Live } from '@binnacle/client';
import type { Clock } from '@binnacle/client';
import { Pod, Secret } from '@binnacle/client/kinds';
import type { Backup } from '../../api/hot-backup.ts';
import type { Cluster } from '../../api/hazelcast.ts';
import { baseDirOf } from '../../hazelcast/config/member.ts';
import { isReady, isTerminating, ordinalOf } from '../../hazelcast/members/pods.ts';
import { keyOf } from '../../hazelcast/members/see.ts';
import { AGENT_CERT, selectorOf } from '../../hazelcast/names.ts';
import { CONFIG_KEY } from '../../hazelcast/objects/config.ts';
import { MemberError } from '../../protocol/error.ts';
import type { Members } from '../../protocol/members.ts';
import { AgentError } from '../agent/error.ts';
import type { AgentAddress, Agents, Identity, UploadState } from '../agent/client.ts';
import type { Observed } from './plan.ts';

/** What a backup is taken with. */
export interface Doors {
  readonly members: Members;
  readonly agents: Agents;
}

/** Where the members of a cluster and their agents are. */
export interface Ways {
  readonly baseDir: string;
  /** By ordinal. */
  readonly pods: readonly { readonly name: string; readonly ip: string; readonly ordinal: number; readonly agent: AgentAddress }[];
}

/** What observing reads from. */
export interface Reading {
  readonly signal: AbortSignal;
  readonly clock: Clock;
  get(kind: typeof Secret, name: string): Promise<Live<typeof Secret> | undefined>;
  list(kind: typeof Pod, options: { readonly labels: Readonly<Record<string, string>> }): Promise<readonly Live<typeof Pod>[]>;
}

/** The ways to all members that are to be there; a text when one is missing. */
export async function waysTo(hz: Cluster, cx: Reading): Promise<Ways | string> {
  const identity = identityOf(await cx.get(Secret, AGENT_CERT));
  if (identity === undefined) return `Secret ${AGENT_CERT} is missing or incomplete`;
  const pods = (await cx.list(Pod, { labels: selectorOf(hz) })).filter((pod) => isReady(pod) && !isTerminating(pod) && (pod.status?.podIP ?? '') !== '');
  if (pods.length !== hz.spec.clusterSize) return `${pods.length} of ${hz.spec.clusterSize} members are ready`;
  const yaml = textOf(await cx.get(Secret, hz.metadata.name), CONFIG_KEY);
  const ways = pods.map((pod) => {
    const ip = pod.status?.podIP ?? '';
    return { name: pod.metadata.name, ip, ordinal: ordinalOf(pod), agent: { ip, identity } };
  });
  return { baseDir: baseDirOf(yaml).base, pods: ways.toSorted((a, b) => a.ordinal - b.ordinal) };
}

/** Asks every member and every agent; a text when one does not answer: the code alone, since a message that changes would be written at every pass. */
export async function observe(hz: Cluster, hb: Backup, ways: Ways, doors: Doors, cx: Pick<Reading, 'signal' | 'clock'>): Promise<Observed | string> {
  const asked = await Promise.all(
    ways.pods.map(async ({ name, ip, ordinal, agent }) => {
      try {
        const state = await doors.members.state(keyOf(hz), ip, cx.signal);
        const backups = await doors.agents.localBackups(agent, { baseDir: ways.baseDir, member: ordinal }, cx.signal);
        return { pod: name, task: state.backupTask, backups, clusterState: state.clusterState, upload: await uploadOf(hb, name, agent, doors, cx.signal) };
      } catch (error) {
        return `${name}: ${whyNot(error)}`;
      }
    }),
  );
  const members = asked.filter((one) => typeof one !== 'string');
  if (members.length < asked.length) return asked.filter((one) => typeof one === 'string').join(', ');
  return {
    run: hb.status?.run,
    external: (hb.spec.bucketURI ?? '') !== '',
    clusterState: members.find(({ clusterState }) => clusterState !== 'ACTIVE')?.clusterState ?? 'ACTIVE',
    members,
    uploads: Object.fromEntries(members.flatMap(({ pod, upload }) => (upload === undefined ? [] : [[pod, upload]]))),
    nowMs: cx.clock.now(),
  };
}

/** The words for a member or an agent that did not answer. @throws what is neither */
export function whyNot(error: unknown): string {
  if (error instanceof MemberError) return `member ${error.code}`;
  if (error instanceof AgentError) return `agent ${error.code}`;
  throw error;
}

async function uploadOf(hb: Backup, pod: string, agent: AgentAddress, doors: Doors, signal: AbortSignal): Promise<UploadState | 'lost' | undefined> {
  const upload = hb.status?.run?.uploads?.find(({ member }) => member === pod);
  if (upload === undefined || upload.key !== undefined) return undefined;
  try {
    return await doors.agents.uploadState(agent, upload.id, signal);
  } catch (error) {
    if (error instanceof AgentError && error.code === 'unknown') return 'lost';
    throw error;
  }
}

function identityOf(secret: Live<typeof Secret> | undefined): Identity | undefined {
  const [ca, cert, key] = ['ca.crt', 'tls.crt', 'tls.key'].map((name) => textOf(secret, name));
  return ca === undefined || cert === undefined || key === undefined ? undefined : { ca, cert, key };
}

function textOf(secret: Live<typeof Secret> | undefined, key: string): string | undefined {
  const data = secret?.data?.[key];
  return data === undefined ? undefined : Buffer.from(data, 'base64').toString('utf8');
}
