import { z } from 'zod';
import type { DeepReadonly } from '@binnacle/client';
import type { Container } from './container.ts';

/** Where the claim of persistence is mounted, in member and agent alike. */
export const VOLUME = '/data/persistence';
/** A directory of one member's data. */
export const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** What a member keeps of its cluster on disk. */
const Kept = z.object({ members: z.array(z.string()), state: z.enum(['ACTIVE', 'NO_MIGRATION', 'FROZEN', 'PASSIVE']) });
export type Kept = DeepReadonly<z.output<typeof Kept>>;

/** One member's data on its volume: a directory with its UUID, as real members have it. Source: spec/hazelcast-core.md §2.14, §3.7. */
export interface Disk {
  /** The UUID of the member whose data is there, and the cluster as it was last; undefined: nothing is there. */
  readonly found: (Kept & { readonly uuid: string }) | undefined;
  /** Writes the cluster as it is. */
  keep(uuid: string, kept: Kept): void;
  /** Throws everything away but backups. */
  wipe(): void;
}

/** The disk below `baseDir`; undefined: the member keeps nothing. */
export function disk(container: Container, baseDir: string | undefined): Disk | undefined {
  const files = baseDir === undefined ? undefined : container.volume(VOLUME);
  if (files === undefined || baseDir === undefined) return undefined;
  const fileOf = (uuid: string) => `${baseDir}/${uuid}/cluster/members.bin`;
  return {
    get found() {
      const [uuid] = membersBelow(files, baseDir);
      const text = uuid === undefined ? undefined : files.get(fileOf(uuid));
      return uuid === undefined || text === undefined ? undefined : { uuid, ...Kept.parse(JSON.parse(text)) };
    },
    keep(uuid, kept) {
      const text = keptText(kept);
      if (files.get(fileOf(uuid)) !== text) files.set(fileOf(uuid), text);
    },
    wipe() {
      for (const uuid of membersBelow(files, baseDir)) removeBelow(files, `${baseDir}/${uuid}/`);
    },
  };
}

/** The file's content. */
export function keptText(kept: Kept): string {
  return JSON.stringify(kept);
}

/** UUIDs of members that have data right below a directory. */
export function membersBelow(files: ReadonlyMap<string, string>, directory: string): readonly string[] {
  const first = [...files.keys()].flatMap((path) => (path.startsWith(`${directory}/`) ? [path.slice(directory.length + 1).split('/')[0] ?? ''] : []));
  return [...new Set(first)].filter((name) => UUID.test(name)).toSorted();
}

/** Removes all files whose path starts with this. */
export function removeBelow(files: Map<string, string>, prefix: string): void {
  for (const path of files.keys()) if (path.startsWith(prefix)) files.delete(path);
}
