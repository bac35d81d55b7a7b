import type { Clock, Live } from '@binnacle/client';
import { Secret } from '@binnacle/client/kinds';
import type { Backup, Run } from '../../api/hot-backup.ts';
import type { Cluster } from '../../api/hazelcast.ts';
import { begunBefore } from '../../backup-state.ts';
import { baseDirOf } from '../../hazelcast/config/member.ts';
import { isReady, isTerminating, ordinalOf } from '../../hazelcast/members/pods.ts';
import { keyOf } from '../../hazelcast/members/see.ts';
import { AGENT_CERT, selectorOf } from '../../hazelcast/names.ts';
import { CONFIG_KEY } from '../../hazelcast/objects/config.ts';
import { MemberError } from '../../protocol/error.ts';
import type { Members } from '../../protocol/members.ts';
import { AgentError } from '../agent/error.ts';
import type { Buckets } from '../bucket/client.ts';
import type { AgentAddress, Agents, Identity, UploadState } from '../agent/client.ts';
import { isNumbered } from './ending.ts';
import type { Member, Observed } from './plan.ts';
import { Pod } from '../../pod.ts';

/** What a backup is taken with. */
export interface Doors {
  readonly members: Members;
  readonly agents: Agents;
  readonly buckets: Buckets;
}

/** A member's pod that has an address. */
export interface Way {
  readonly name: string;
  readonly ip: string;
  readonly ordinal: number;
  /** It is to be counted on: ready, and not on its way out. */
  readonly ready: boolean;
  /** Absent: nobody has the certificate that agents want. */
  readonly agent?: AgentAddress;
}

/** Where the members of a cluster and their agents are. */
export interface Ways {
  readonly hz: Cluster;
  readonly baseDir: string;
  /** By ordinal. */
  readonly pods: readonly Way[];
  /** Somebody has the certificate that agents want. */
  readonly certified: boolean;
}

/** What observing reads from. */
export interface Reading {
  readonly signal: AbortSignal;
  readonly clock: Clock;
  get(kind: typeof Secret, name: string): Promise<Live<typeof Secret> | undefined>;
  list(kind: typeof Pod, options: { readonly labels: Readonly<Record<string, string>> }): Promise<readonly Live<typeof Pod>[]>;
}

/** The ways to all members that there are. */
export async function waysTo(hz: Cluster, cx: Reading): Promise<Ways> {
  const identity = identityOf(await cx.get(Secret, AGENT_CERT));
  const pods = (await cx.list(Pod, { labels: selectorOf(hz) })).flatMap((pod): readonly Way[] => {
    const ip = pod.status?.podIP ?? '';
    const way = { name: pod.metadata.name, ip, ordinal: ordinalOf(pod), ready: isReady(pod) && !isTerminating(pod) };
    return ip === '' ? [] : [identity === undefined ? way : { ...way, agent: { ip, identity } }];
  });
  const yaml = textOf(await cx.get(Secret, hz.metadata.name), CONFIG_KEY);
  return { hz, baseDir: baseDirOf(yaml).base, pods: pods.toSorted((a, b) => a.ordinal - b.ordinal), certified: identity !== undefined };
}

/** Why a backup cannot go on with them: a member is missing, or the certificate. `pods`: those that it is about. */
function problemOf({ hz, certified }: Ways, pods: readonly Way[], run: Run | undefined): string | undefined {
  const { clusterSize } = hz.spec;
  if (!certified) return `Secret ${AGENT_CERT} is missing or incomplete`;
  if (clusterSize === 0) return 'the cluster is paused';
  const ready = pods.filter((pod) => pod.ready).length;
  // Those that have come since are no part of it, and those that have left do not come back.
  const wanted =
    run === undefined
      ? clusterSize
      : run.members.filter((name) => Number(/\d+$/.exec(name)?.[0]) < clusterSize || pods.some((pod) => pod.name === name)).length;
  return ready === wanted && pods.length === ready ? undefined : `${ready} of ${wanted} members are ready`;
}

/** Asks every member and every agent; a text when one does not answer: the code alone, since a message that changes would be written at every pass. */
export async function observe(
  hb: Backup,
  ways: Ways,
  unasked: ReadonlySet<string>,
  doors: Doors,
  cx: Pick<Reading, 'signal' | 'clock'>,
): Promise<Observed | string> {
  const { run } = hb.status ?? {};
  const pods = ways.pods.filter(({ name }) => run?.members.includes(name) ?? true);
  const problem = problemOf(ways, pods, run);
  if (problem !== undefined) return problem;
  const asked = await Promise.all(
    pods.map(async (way) => {
      try {
        return { ...(await memberAt(way, ways, doors, cx.signal)), upload: await uploadAt(way, run, doors, cx.signal) };
      } catch (error) {
        return `${way.name}: ${whyNot(error)}`;
      }
    }),
  );
  const members = asked.filter((one) => typeof one !== 'string');
  if (members.length < asked.length) return asked.filter((one) => typeof one === 'string').join(', ');
  const { activeDeadlineSeconds: deadline } = hb.spec;
  return {
    run,
    begunBefore: begunBefore(hb),
    cluster: ways.hz.metadata.name,
    uid: ways.hz.metadata.uid,
    going: ways.hz.metadata.deletionTimestamp !== undefined,
    bucketURI: hb.spec.bucketURI ?? '',
    clusterState: members.find(({ clusterState }) => clusterState !== 'ACTIVE')?.clusterState ?? 'ACTIVE',
    members,
    uploads: Object.fromEntries(members.flatMap(({ pod, upload }) => (upload === undefined ? [] : [[pod, upload]]))),
    unasked,
    deadlineMs: deadline === undefined ? undefined : deadline * 1_000,
    nowMs: cx.clock.now(),
  };
}

async function memberAt(way: Way, ways: Ways, doors: Doors, signal: AbortSignal): Promise<Member & { readonly clusterState: string }> {
  const [state, { clusterState }] = await Promise.all([doors.members.state(keyOf(ways.hz), way.ip, signal), doors.members.health(way.ip, signal)]);
  const backups = way.agent === undefined ? [] : await doors.agents.localBackups(way.agent, { baseDir: ways.baseDir, member: way.ordinal }, signal);
  return { pod: way.name, task: state.backupTask, ...state.backupProgress, backups, clusterState };
}

/** How the upload of a pod is; undefined: it has none, or none with a number. @throws {AgentError} */
export async function uploadAt({ name, agent }: Way, run: Run | undefined, doors: Doors, signal: AbortSignal): Promise<UploadState | 'lost' | undefined> {
  const upload = run?.uploads?.find(({ member }) => member === name);
  if (upload === undefined || agent === undefined || !isNumbered(upload)) return undefined;
  // What is known to be there is asked about again only to be taken out.
  if (upload.key !== undefined && run?.failure === undefined) return undefined;
  try {
    return await doors.agents.uploadState(agent, upload.id, signal);
  } catch (error) {
    if (error instanceof AgentError && error.code === 'unknown') return 'lost';
    throw error;
  }
}

/** The words for a member or an agent that did not answer. @throws what is neither */
export function whyNot(error: unknown): string {
  if (error instanceof MemberError) return `member ${error.code}`;
  if (error instanceof AgentError) return `agent ${error.code}`;
  throw error;
}

function identityOf(secret: Live<typeof Secret> | undefined): Identity | undefined {
  const [ca, cert, key] = ['ca.crt', 'tls.crt', 'tls.key'].map((name) => textOf(secret, name));
  return ca === undefined || cert === undefined || key === undefined ? undefined : { ca, cert, key };
}

function textOf(secret: Live<typeof Secret> | undefined, key: string): string | undefined {
  const data = secret?.data?.[key];
  return data === undefined ? undefined : Buffer.from(data, 'base64').toString('utf8');
}
