import { isNotFound, parseTimestamp, systemClock } from '@binnacle/client';
import type { AnyKind, Api, Live } from '@binnacle/client';
import type { ObjectMeta } from '@binnacle/client/kinds';
import { eventually } from '../eventually.ts';
import type { RunningOperator } from './operators.ts';

/** Where an operator and a namespace come to rest. */
export interface Place {
  readonly api: Api;
  readonly operator: RunningOperator;
  readonly namespace: string;
}

/** Nothing has changed for so long: an operator puts off by up to five seconds what is only a detail of a status (`DETAILS_MS` of its runtime). */
const QUIET_MS = 6_000;
const LOOK_EVERY_MS = 500;
const WITHIN_MS = 300_000;
/** Times of managers are whole seconds, cut off. */
const SECOND_MS = 1_000;

/** A change that somebody made who is not the operator. */
export interface Stir {
  readonly what: string;
  readonly by: string;
  /** Not later; ms since 1970. */
  readonly atMs: number;
}

/**
 * Waits until nothing goes on: the operator has seen all that there is, has nothing to do, and for some seconds nobody has changed anything that it follows. What
 * controllers, nodes and caches of a busy machine are late with has come by then.
 * @throws {Error} when that is never so, with what changed last.
 */
export async function atRest({ api, operator, namespace }: Place): Promise<void> {
  const clock = systemClock();
  let before: ReadonlyMap<string, string> = new Map();
  let since = clock.monotonic();
  let why = '';
  const stirs = (what: string | undefined) => {
    if (what === undefined) return;
    why = what;
    since = clock.monotonic();
  };
  await eventually(
    `the operator and namespace ${namespace} come to rest`,
    async () => {
      const now = new Map((await held(api, operator, namespace)).map(({ key, object }) => [key, versionOf(object.metadata)]));
      const known = new Map(inCache(operator, namespace).map(({ key, object }) => [key, versionOf(object.metadata)]));
      stirs(differing(before, now, 'changes'));
      stirs(differing(known, now, 'was not seen by the operator'));
      if (!operator.idle) stirs('the operator is at work');
      before = now;
      if (clock.monotonic() - since >= QUIET_MS) return true;
      throw new Error(why);
    },
    WITHIN_MS,
    LOOK_EVERY_MS,
  );
}

/** What others than the operator have changed since a time (ms since 1970) of what it follows in a namespace, and what is still there. */
export async function stirred({ api, operator, namespace }: Place, sinceMs: number): Promise<readonly Stir[]> {
  const { name } = operator.entry;
  // Its controllers, its webhook, and what is signed with the name of its client.
  const isOwn = (manager: string) => manager.startsWith(`${name}-`) || manager === `binnacle-${name}`;
  return (await held(api, operator, namespace)).flatMap(({ key, object }) =>
    (object.metadata.managedFields ?? []).flatMap(({ manager = '', time }) => {
      const atMs = parseTimestamp(time ?? '') ?? 0;
      return isOwn(manager) || atMs + SECOND_MS <= sinceMs ? [] : [{ what: key, by: manager, atMs }];
    }),
  );
}

/** How many objects in a namespace an operator follows. */
export async function countHeld({ api, operator, namespace }: Place): Promise<number> {
  return (await held(api, operator, namespace)).filter(({ object }) => object.metadata.namespace === namespace).length;
}

interface Held {
  readonly key: string;
  readonly object: { readonly metadata: ObjectMeta };
}

async function held(api: Api, operator: RunningOperator, namespace: string): Promise<readonly Held[]> {
  const lists = operator.follows.map(async (kind) => named(kind, namespace, (await listed(api, kind, namespace)) as readonly Live<AnyKind>[]));
  return (await Promise.all(lists)).flat();
}

async function listed(api: Api, kind: AnyKind, namespace: string): Promise<readonly Live<AnyKind>[]> {
  try {
    return (await api.list(kind, kind.scope === 'Cluster' ? {} : { namespace })).items;
  } catch (error) {
    if (isNotFound(error)) return [];
    throw error;
  }
}

function inCache({ cache, follows }: RunningOperator, namespace: string): readonly Held[] {
  return follows.flatMap((kind) => named(kind, namespace, cache.list(kind, kind.scope === 'Cluster' ? {} : { namespace })));
}

function named({ kind, group }: AnyKind, namespace: string, objects: readonly Live<AnyKind>[]): readonly Held[] {
  return objects.map((object) => ({
    key: `${kind}${group === '' ? '' : `.${group}`} ${object.metadata.name} in ${namespace}`,
    object: object as Held['object'],
  }));
}

const versionOf = ({ uid, resourceVersion }: ObjectMeta): string => `${uid} ${resourceVersion}`;

function differing(one: ReadonlyMap<string, string>, other: ReadonlyMap<string, string>, how: string): string | undefined {
  const key = [...new Set([...one.keys(), ...other.keys()])].find((each) => one.get(each) !== other.get(each));
  return key === undefined ? undefined : `${key} ${how}`;
}
