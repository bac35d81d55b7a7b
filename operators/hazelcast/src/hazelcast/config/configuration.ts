import { createHash } from 'node:crypto';
import { canonicalJson } from '@binnacle/schema';
import { z } from 'zod';
import { splitExecutors } from './executors.ts';
import type { Sections } from './member.ts';
import { sectionsIn } from './read.ts';

/** What members and their init containers are to run with, as fingerprints. */
export interface Configuration {
  /** Everything that a member reads only at start. */
  readonly sections: string;
  /** What the init container downloads and restores. */
  readonly init: string;
  /** Executors that a running member can be given, by `section/name`. */
  readonly executors: Readonly<Record<string, string>>;
}

/** A configuration, and how far running members have it. Kept on the Secret that it describes, so that both change in one write. */
export interface Rollout extends Configuration {
  /** In the pod template: another value restarts the members. Empty: they were taken over and nothing has changed since. */
  readonly restart: string;
  /** Executors that members had when they were last told to restart; what came since is given to them while they run. */
  readonly base: Readonly<Record<string, string>>;
  /** Sections that other kinds put into the `hazelcast.yaml` that was taken over. They stay as they are: members that restart need their maps. */
  readonly carried?: readonly string[] | undefined;
}

/** Sections that other kinds bring about on running members. */
const LIVE_SECTIONS = ['map', 'multimap', 'topic', 'replicatedmap', 'queue', 'cache', 'wan-replication'] as const;

const names = z.record(z.string(), z.string());
const Stored = z.object({
  sections: z.string(),
  init: z.string(),
  executors: names,
  restart: z.string(),
  base: names,
  carried: z.array(z.string()).optional(),
});

/** The sections of other kinds that `hazelcast.yaml` has besides what is `wanted`: all that are noted, or, of one that nothing is noted of, all there are. */
export function carriedSections(yaml: string | undefined, noted: Rollout | undefined, wanted: Sections): Sections {
  if (yaml === undefined || (noted !== undefined && noted.carried === undefined)) return {};
  const theirs = sectionsIn(yaml);
  const names =
    noted === undefined ? LIVE_SECTIONS.filter((name) => fingerprint(theirs[name] ?? null) !== fingerprint(wanted[name] ?? null)) : (noted.carried ?? []);
  return Object.fromEntries(names.flatMap((name) => (theirs[name] === undefined ? [] : [[name, theirs[name]]])));
}

/** The fingerprints of what is wanted. `init`: the init container's file; `keystore`: fingerprint of what members prove themselves with, empty without. */
export function configuration(sections: Sections, init: string, keystore: string): Configuration {
  const { rest, executors } = splitExecutors(sections);
  return {
    sections: fingerprint(keystore === '' ? rest : [rest, keystore]),
    init: fingerprint(init),
    executors: Object.fromEntries(executors.map(({ key, entry }) => [key, fingerprint(entry)])),
  };
}

/**
 * The roll-out of `wanted` after `before`. New executors alone restart nothing: they can be given to members that run. Everything else that differs, an
 * executor that is changed or gone too, restarts them. Pure; the same wish gives the same answer.
 */
export function rollout(before: Rollout | undefined, wanted: Configuration): Rollout {
  if (before === undefined) return { ...wanted, restart: fingerprint(wanted), base: wanted.executors };
  const grown = Object.entries(before.executors).every(([key, value]) => wanted.executors[key] === value);
  if (grown && before.sections === wanted.sections && before.init === wanted.init) return { ...before, executors: wanted.executors };
  // Members that were given executors are not what their template says: going back to that very template must restart them as well.
  const given = added(before).length > 0 ? before.restart : '';
  return { ...wanted, restart: fingerprint(given === '' ? wanted : [wanted, given]), base: wanted.executors };
}

/** Executors that came after members were last told to restart. */
export function added({ executors, base }: Rollout): readonly string[] {
  return Object.keys(executors).filter((key) => !(key in base));
}

/** What was noted; undefined when nothing was, or nothing of ours. */
export function storedRollout(note: string | undefined): Rollout | undefined {
  if (note === undefined) return undefined;
  try {
    return Stored.safeParse(JSON.parse(note)).data;
  } catch {
    return undefined;
  }
}

/**
 * The roll-out of members that were started before any of it was noted, from the `hazelcast.yaml` that they have. The same content restarts nobody, however it
 * is written; what other kinds bring about is left out. A certificate that they do not run with (`sameKeystore`) is rolled out. The file of the init container counts as what is wanted: the operator before wrote only a part of it.
 */
export function adopted(yaml: string | undefined, sections: Sections, wanted: Configuration, sameKeystore = true): Rollout | undefined {
  if (yaml === undefined) return undefined;
  const theirs = sectionsIn(yaml);
  const live = splitExecutors(theirs);
  const equal = sameKeystore && fingerprint(withoutLive(live.rest)) === fingerprint(withoutLive(splitExecutors(sections).rest));
  const executors = Object.fromEntries(live.executors.map(({ key, entry }) => [key, fingerprint(entry)]));
  return { sections: equal ? wanted.sections : 'other', init: wanted.init, executors, restart: '', base: executors };
}

function withoutLive(sections: Sections): Sections {
  return Object.fromEntries(Object.entries(sections).filter(([key]) => !LIVE_SECTIONS.some((live) => live === key)));
}

/** The same for the same content, in whatever order its keys are. */
export function fingerprint(value: unknown): string {
  return createHash('sha256').update(canonicalJson(value)).digest('hex').slice(0, 16);
}
