import { systemClock } from '@binnacle/client';
import { CoreEvent } from '@binnacle/client/kinds';
import { eventually } from '../eventually.ts';
import { rawDoor } from '../raw.ts';
import { table } from '../table.ts';
import { auditReader, isWrite } from './audit.ts';
import type { Asked } from './audit.ts';
import type { Version } from './binary.ts';
import { guardedNamespace, startOperator } from './operators.ts';
import type { RunningOperator } from './operators.ts';
import { short } from './report.ts';
import { atRest, countHeld, stirred } from './rest.ts';
import { granted, unused, used } from './rights.ts';
import type { Right } from './rights.ts';
import { LEVELS, STORIES } from './steps.ts';
import type { Stage, Step } from './steps.ts';
import type { Cluster } from './with-nodes.ts';

/** What an operator asked for while it did one thing, and how long that took. */
export interface Flow {
  readonly name: string;
  readonly reads: number;
  readonly writes: number;
  readonly seconds: number;
}

/** An operator's story on one version. */
export interface StoryReport {
  readonly operator: string;
  readonly version: Version;
  readonly flows: readonly Flow[];
  readonly granted: readonly Right[];
  readonly used: readonly Right[];
  readonly explained: ReadonlyMap<string, readonly Right[]>;
  /** How often it tried to make something in a namespace that goes, and how often it may. */
  readonly tried: { readonly late: number; readonly mayTry: number };
  /** What is wrong: empty when all is well. */
  readonly wrong: readonly string[];
}

/** Of those that the cluster told, so many are told on. */
const WARNINGS = 5;
const STEADY_MS = 12_000;
/** How many steady states somebody else may disturb, one after the other. */
const DISTURBED = 5;
/** How often an object changes while its namespace goes: claims and most others once, pods some times. Each change may start a pass of its own on a slow machine, and that tries once in vain. */
const CHANGES_GOING = 3;
/**
 * An admission plugin of Kubernetes, OwnerReferencesPermissionEnforcement, learns of a new kind up to half a minute after its CRD was made, and refuses owner references
 * to it until then. Operators try again.
 */
const isNewKind = ({ message }: Asked) => message.includes('cannot set blockOwnerDeletion') && message.includes('cannot find RESTMapping');
/** Nothing is made any more in a namespace that goes; whoever was about to learns it by this. */
const isGoing = ({ message }: Asked) => message.includes('because it is being terminated');
/** What was asked for and refused for want of a right, each once. */
export function forbidden(requests: readonly Asked[]): readonly string[] {
  const refused = requests.filter((one) => one.code === 403 && !isNewKind(one) && !isGoing(one));
  return [...new Set(refused.map(({ verb, path, message }) => `forbidden, and asked for by the operator: ${verb} ${path}: ${message}`))];
}
/** Runs an operator's story; reports what it asked for. @throws {Error} when a flow does not end as it should. */
async function tell(cluster: Cluster, operator: RunningOperator): Promise<StoryReport> {
  const name = operator.entry.name;
  await using door = rawDoor(cluster.cluster);
  const stage: Stage = { api: cluster.api, operator, door, namespace: `story-${name}` };
  await guardedNamespace(cluster.api, stage.namespace, LEVELS[name]);
  const heard = hearing(cluster, operator);
  const flows: Flow[] = [];
  const wrong: string[] = [];
  const counted = (flow: string, asked: readonly Asked[], seconds: number) => {
    const writes = asked.filter(isWrite).length;
    flows.push({ name: flow, reads: asked.length - writes, writes, seconds });
  };
  await eventually('the operator is idle', () => operator.idle);
  counted('start', heard.since(), 0);
  let mayTry = 0;
  for (const step of STORIES[name]) {
    if (step.removesNamespace) mayTry = CHANGES_GOING * (await countHeld(stage));
    const seconds = await told(stage, step);
    if (step.steady === undefined) counted(step.name, heard.since(), seconds);
    else {
      await atRest(stage);
      counted(step.name, heard.since(), seconds);
      wrong.push(...(await steady(stage, step, heard, counted)));
    }
  }
  heard.since();
  wrong.push(...forbidden(heard.all));
  const late = heard.all.filter(isGoing).length;
  if (late > mayTry) wrong.push(`tried ${late} times to make something in a namespace that goes, where ${mayTry} are plenty`);
  const may = granted(operator.rbac);
  // With what an operator before this one asked for by the same account: a certificate that is there is not made again.
  const did = used([...heard.before, ...heard.all]);
  const { explained, unexplained } = unused(may, did);
  for (const one of did.filter((right) => !may.includes(right))) wrong.push(`used and not granted by its own roles: ${one}`);
  for (const one of unexplained) wrong.push(`granted, never used, and no reason is given: ${one}`);
  return { operator: name, version: cluster.version, flows, granted: may, used: did, explained, tried: { late, mayTry }, wrong };
}

/** What the API server has heard of an operator, but for the renewals of its Lease and for watches that it takes up again where the server has ended them. */
interface Hearing {
  /** Since it was asked last. */
  since(): readonly Asked[];
  /** In this story, so far. */
  readonly all: readonly Asked[];
  /** Before this story, by the same account. */
  readonly before: readonly Asked[];
}

function hearing({ auditLog }: Cluster, { user, startedAtMs }: RunningOperator): Hearing {
  const log = auditReader(auditLog);
  const [before, all]: [Asked[], Asked[]] = [[], []];
  return {
    since() {
      const own = log.read().filter((one) => one.user === user);
      before.push(...own.filter(({ atMs }) => atMs < startedAtMs));
      const now = own.filter(({ atMs }) => atMs >= startedAtMs);
      all.push(...now);
      return now.filter(({ resource, isTakenUp }) => resource !== 'leases' && !isTakenUp);
    },
    all,
    before,
  };
}

/** Does a step, and returns after how many seconds it had settled. @throws {Error} when it does not. */
async function told(stage: Stage, { name, act, until }: Step): Promise<number> {
  const clock = systemClock();
  const since = clock.monotonic();
  const settled = async () => {
    await act(stage);
    await until(stage);
    await eventually('the operator is idle', () => stage.operator.idle);
  };
  try {
    await Promise.race([settled(), stage.operator.ended]);
  } catch (error) {
    const warnings = await warningsOf(stage).catch((failure: unknown) => `they cannot be read: ${String(failure)}`);
    throw new Error(`${stage.operator.entry.name}, ${name}: ${String(error)}\nwarnings:\n${warnings}`, { cause: error });
  }
  return (clock.monotonic() - since) / 1000;
}

/**
 * At rest the operator writes nothing, or asks for nothing, for a while. What it does after somebody else has changed something that it follows is no steady state:
 * then it has to come to rest once more. Returns what is wrong.
 */
async function steady(
  stage: Stage,
  step: Step,
  heard: Hearing,
  counted: (flow: string, asked: readonly Asked[], seconds: number) => void,
): Promise<readonly string[]> {
  const clock = systemClock();
  for (let left = DISTURBED; ; left -= 1) {
    const sinceMs = clock.now();
    await clock.sleep(STEADY_MS);
    const asked = heard.since();
    const bad = step.steady === 'asks' ? asked : asked.filter(isWrite);
    const first = bad[0]?.atMs ?? Infinity;
    const others = bad.length === 0 ? [] : (await stirred(stage, sinceMs)).filter(({ atMs }) => atMs <= first);
    const disturbed = others.length === 0 ? '' : `, disturbed: ${others.map(({ what, by }) => `${what} by ${by}`).join(', ')}`;
    counted(`steady state, ${step.name}${disturbed}`, asked, STEADY_MS / 1000);
    if (disturbed !== '' && left > 0) {
      await atRest(stage);
      heard.since();
      continue;
    }
    return bad.map(({ verb, path, code }) => `asked for in steady state after ${step.name}, where nothing was expected${disturbed}: ${verb} ${path}: ${code}`);
  }
}

/** What the cluster complained of, for whoever has to find out why a story did not go on. */
async function warningsOf({ api, namespace }: Stage): Promise<string> {
  const { items } = await api.list(CoreEvent, { namespace, fieldSelector: 'type=Warning' });
  return [...new Set(items.map(({ involvedObject, reason, message }) => `${involvedObject.kind} ${involvedObject.name}: ${reason}: ${message}`))]
    .slice(-WARNINGS)
    .map(short)
    .join('\n');
}

/** The stories of both operators on a cluster, one after the other. */
export async function tellStories(cluster: Cluster): Promise<readonly StoryReport[]> {
  const reports: StoryReport[] = [];
  for (const name of ['doris', 'hazelcast'] as const) {
    await using operator = await startOperator(cluster, name);
    reports.push(await tell(cluster, operator));
  }
  return reports;
}

/** What the operators asked for, and the rights that they have for it. */
export function printStories(reports: readonly StoryReport[], write: (line: string) => void): void {
  const flows = reports.flatMap(({ operator, version, flows: all }) =>
    all.map(({ name, reads, writes, seconds }) => [operator, version, name, String(reads), String(writes), seconds.toFixed(1)]),
  );
  write(`\n${table([['operator', 'on', 'flow', 'reads', 'writes', 'seconds'], ...flows])}`);
  const rights = reports.map(({ operator, version, granted: may, used: did, explained, wrong }) => {
    const unseen = [...explained.values()].flat().length;
    return [operator, version, String(may.length), String(did.length), String(unseen), String(may.length - did.length - unseen), String(wrong.length)];
  });
  write(`\n${table([['operator', 'on', 'rights granted', 'used', 'unused, with a reason', 'unused without', 'wrong'], ...rights])}`);
  for (const { operator, version, tried } of reports)
    write(`  ${operator} on ${version} tried ${tried.late} times to make something in a namespace that went, and might have ${tried.mayTry} times`);
  for (const { operator, version, explained } of reports)
    for (const [reason, unseen] of explained) write(`  ${operator} on ${version}, unused (${reason}): ${unseen.join(', ')}`);
}
