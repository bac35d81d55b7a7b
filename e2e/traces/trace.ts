import type { Change } from './history.ts';
import { names } from './names.ts';
import type { Names } from './names.ts';

/** What one telling of a story came to. */
export interface Trace {
  /** Each event with its moment: number of the change that brought it. Of alike events (the second pod of a set that is ready) each has its number. */
  readonly events: ReadonlyMap<string, number>;
  /** What was true of objects when they were made. */
  readonly facts: ReadonlySet<string>;
  /** Of objects that are alike (`Pod/d-#1-*`) the events of each one, by the name that they have together: what is before what in the life of any of them. */
  readonly lives: ReadonlyMap<string, readonly Life[]>;
}

/** Events of one object with their moments. */
export type Life = ReadonlyMap<string, number>;

/** Leaves of an object by path, numbers as numbers. */
type Leaves = ReadonlyMap<string, string | number>;

/** Of metadata what is nobody's meaning: by chance, or told by the event itself. */
const PASSED_OVER: ReadonlySet<string> = new Set([
  'uid',
  'name',
  'namespace',
  'generateName',
  'resourceVersion',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'generation',
  'managedFields',
  'selfLink',
]);

/** Of a pod's status, which the node writes, what controllers look at. */
const POD_CONDITIONS: ReadonlySet<string> = new Set(['Ready', 'DisruptionTarget']);

/** A history as events of objects without what is by chance. */
export function trace(changes: readonly Change[], namespace: string): Trace {
  const called = names(changes, namespace);
  const before = new Map<string, Leaves>();
  const deleting = new Set<string>();
  const times = new Map<string, number>();
  const events = new Map<string, number>();
  const facts = new Set<string>();
  const lives = new Map<string, Map<string, number>>();
  const kinds = new Map<string, Life[]>();
  for (const [moment, change] of changes.entries()) {
    const { type, object } = change;
    const { uid } = object.metadata;
    const name = called.of(change);
    const alike = name.endsWith('*');
    if (alike && !lives.has(uid)) {
      lives.set(uid, new Map());
      kinds.set(name, [...(kinds.get(name) ?? []), lives.get(uid)!]);
    }
    const numbered = (label: string, of: string) => {
      times.set(`${of} ${label}`, (times.get(`${of} ${label}`) ?? 0) + 1);
      const number = times.get(`${of} ${label}`)!;
      return number === 1 ? label : `${label} (${number})`;
    };
    const add = (what: string) => {
      const label = `${name} ${what}`;
      events.set(numbered(label, ''), moment);
      if (alike) lives.get(uid)!.set(numbered(label, uid), moment);
    };
    const now = leaves(change, called);
    const then = before.get(uid);
    if (then === undefined) {
      add('is made');
      for (const [path, value] of now) facts.add(`${name} is made with ${path} = ${value}`);
    } else for (const step of steps(then, now)) add(step);
    if (object.metadata.deletionTimestamp !== undefined && !deleting.has(uid) && type !== 'DELETED') {
      deleting.add(uid);
      add('is told to go');
    }
    if (type === 'DELETED') add('is gone');
    before.set(uid, now);
  }
  return { events, facts, lives: kinds };
}

/** What changed between two states. A number is reached step by step, also when one write jumped: who writes less often is not wrong. */
function* steps(then: Leaves, now: Leaves): Generator<string> {
  for (const path of new Set([...then.keys(), ...now.keys()])) {
    const [from, to] = [then.get(path), now.get(path)];
    if (from === to) continue;
    if (typeof (from ?? 0) === 'number' && typeof (to ?? 0) === 'number') yield* count(path, Number(from ?? 0), Number(to ?? 0));
    else yield to === undefined ? `loses ${path}` : `${path} = ${to}`;
  }
}

function* count(path: string, from: number, to: number): Generator<string> {
  for (let at = from; at !== to;) {
    at += to > from ? 1 : -1;
    yield `${path} ${to > from ? 'up' : 'down'} to ${at}`;
  }
}

function leaves({ kind, object }: Change, called: Names): Leaves {
  const found = new Map<string, string | number>();
  const { metadata, apiVersion: _, kind: __, status, ...rest } = object;
  const kept = Object.fromEntries(Object.entries(metadata as object).filter(([name]) => !PASSED_OVER.has(name)));
  if (kept['ownerReferences'] !== undefined) kept['ownerReferences'] = owners(kept['ownerReferences']);
  collect('metadata', kept, found, called);
  for (const [name, value] of Object.entries(rest)) collect(name, value, found, called);
  collect('status', kind === 'Pod' ? ofPod(status) : ofController(status), found, called);
  return found;
}

function owners(references: readonly any[]): readonly string[] {
  return references.map(({ kind, name, controller, blockOwnerDeletion }) =>
    [`${kind}/${name}`, ...(controller === true ? ['controller'] : []), ...(blockOwnerDeletion === true ? ['blocks'] : [])].join(' '),
  );
}

function ofPod(status: any): object {
  const conditions = (status?.conditions ?? []).filter(({ type }: any) => POD_CONDITIONS.has(type)).map(({ type, status: holds }: any) => ({ type, holds }));
  return { phase: status?.phase, conditions };
}

/** How many pods a Job notes at once, before they are numbers, and how many end at the same time, is how fast those are who look. */
const BY_CHANCE: ReadonlySet<string> = new Set(['uncountedTerminatedPods', 'terminatingReplicas', 'terminating']);

function ofController(status: object = {}): object {
  return Object.fromEntries(Object.entries(status).filter(([name]) => !BY_CHANCE.has(name)));
}

/** Conditions by their type; other lists as one text. */
function collect(path: string, value: any, found: Map<string, string | number>, called: Names): void {
  if (value === undefined || value === null) return;
  // A time limit is no count: nobody reaches it second by second.
  if (typeof value === 'number') found.set(path, path.endsWith('Seconds') ? String(value) : value);
  else if (path.endsWith('.resourceVersion')) return;
  // What the one node is called is nobody's matter.
  else if (typeof value === 'string') found.set(path, /nodeName$|selected-node$/.test(path) ? '<node>' : called.mask(value));
  else if (Array.isArray(value)) {
    if (!value.every((item) => typeof item?.type === 'string')) found.set(path, called.mask(JSON.stringify(sorted(value))));
    else for (const { type, ...rest } of value) collect(`${path}[${type}]`, rest, found, called);
  } else if (typeof value === 'object') for (const [name, inner] of Object.entries(value)) collect(`${path}.${name}`, inner, found, called);
  else found.set(path, String(value));
}

/** The same with the fields of objects in the order of their names. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, inner]) => [name, sorted(inner)]),
  );
}
