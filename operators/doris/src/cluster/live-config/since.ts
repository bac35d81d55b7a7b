import { z } from 'zod';
import { dataHash } from '../hash.ts';
import { LIVE_FILES } from '../objects/config.ts';
import type { LiveName } from '../objects/config.ts';

/** On a ConfigMap of configuration files: what has changed in it since the pods' template, as JSON of `Since`. */
export const SINCE = 'al-assad.github.io/changed-since-start';

const SinceStart = z.object({
  file: z.string(),
  keys: z.record(z.string(), z.string().nullable()),
});
/**
 * `file`: what pods of the template start with, or would have. `keys`: whose line has changed since, even if it is the old one again by now: pods may have
 * been told otherwise in between. With the value that held while there was no line, once that is known; `null` until then.
 */
export type Since = z.output<typeof SinceStart>;

type Files = Readonly<Record<string, string>>;

/** A ConfigMap's files and what it remembers. */
export interface Written {
  readonly files: Files;
  readonly since: Since | undefined;
}

/** A ConfigMap, read. What is no JSON of ours is as good as nothing: then it counts as unknown what pods started with. */
export function written(live: { readonly metadata: { readonly annotations?: Files }; readonly data?: Files } | undefined): Written | undefined {
  if (live === undefined) return undefined;
  return { files: live.data ?? {}, since: sinceIn(live.metadata.annotations?.[SINCE]) };
}

/** As the annotation has it. */
export const sinceText = (since: Since): string => JSON.stringify(since);

/**
 * What differs between the files wanted and those of the hash `startedWith`, given the ones there are now. `undefined`: nothing that pods would have to be told;
 * `restart`: more than lines of the one file, or nobody knows any more from what. The hash proves which files pods started with: nothing is taken on trust.
 */
export function changes(name: LiveName, now: Written | undefined, startedWith: string | undefined, wanted: Files): Since | 'restart' | undefined {
  if (startedWith === undefined) return undefined;
  const start = now === undefined ? undefined : startOf(name, now, startedWith);
  const file = LIVE_FILES[name];
  if (start === undefined || dataHash({ ...wanted, [file]: start.file }) !== startedWith) return dataHash(wanted) === startedWith ? undefined : 'restart';
  const [before, after] = [linesOf(start.file), linesOf(wanted[file] ?? '')];
  const changed = [...new Set([...before.keys(), ...after.keys()])].filter((key) => before.get(key) !== after.get(key));
  const keys = { ...Object.fromEntries(changed.map((key) => [key, null])), ...start.keys };
  return Object.keys(keys).length === 0 ? undefined : { file: start.file, keys };
}

function startOf(name: LiveName, { files, since }: Written, startedWith: string): Since | undefined {
  const file = LIVE_FILES[name];
  if (since !== undefined && dataHash({ ...files, [file]: since.file }) === startedWith) return since;
  return dataHash(files) === startedWith ? { file: files[file] ?? '', keys: {} } : undefined;
}

/** A file's lines by key. */
export function linesOf(file: string): ReadonlyMap<string, string> {
  const lines = file.split('\n').filter((line) => line.includes('='));
  return new Map(lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
}

function sinceIn(text: string | undefined): Since | undefined {
  try {
    return text === undefined ? undefined : SinceStart.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
