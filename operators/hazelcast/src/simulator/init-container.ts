import { parse } from 'yaml';
import { z } from 'zod';
import type { Container } from './container.ts';
import { VOLUME, keptText, membersBelow, removeBelow } from './hot-restart.ts';

const Restore = z.object({
  bucket: z.object({ bucket: z.string(), destination: z.string(), secretName: z.string(), restoreID: z.string() }).optional(),
  pvc: z
    .object({
      backupSequenceFolderName: z.string(),
      backupSourceBaseDir: z.string(),
      backupDestinationBaseDir: z.string(),
      backupDir: z.string(),
      restoreID: z.string(),
    })
    .optional(),
});
const File = z.object({ initContainer: z.object({ restore: Restore.optional() }) });

/**
 * What the agent does before a member starts: restores a backup, once for each restore by a lock on the volume. There is nothing to download from, so a bucket
 * holds one member's data a pod, whatever its name; one with `unreachable` in it holds nothing. @returns the exit code. Source: spec/hazelcast-core.md §3.7.
 */
export function initContainer(container: Container): number {
  const path = container.env['CONFIG_FILE'] ?? '';
  const text = container.readFile(path);
  if (text === undefined) return fail(container, `cannot read ${path}`);
  const { restore } = File.parse(parse(text)).initContainer;
  const [, ordinal = ''] = /-(\d+)$/.exec(container.env['HOSTNAME'] ?? '') ?? [];
  const files = container.volume(VOLUME);
  if (restore === undefined || files === undefined) return 0;
  if (restore.bucket !== undefined) {
    const { bucket, destination, restoreID } = restore.bucket;
    return once(files, destination, `${restoreID}.${ordinal}`, container, () => {
      if (bucket.includes('unreachable')) return `${bucket}: no such host`;
      clear(files, destination);
      files.set(`${destination}/${uuidOf(ordinal)}/cluster/members.bin`, keptText({ members: [], state: 'PASSIVE' }));
      container.log(`restored member ${ordinal} from ${bucket}`);
      return undefined;
    });
  }
  if (restore.pvc === undefined) return 0;
  const { backupSequenceFolderName: folder, backupSourceBaseDir: base, backupDestinationBaseDir: destination, backupDir, restoreID } = restore.pvc;
  return once(files, base, `${restoreID}.${ordinal}`, container, () => {
    const source = `${base}${backupDir}/${folder}`;
    const found = membersBelow(files, source);
    if (found.length !== 1) return `${source} holds the data of ${found.length} members`;
    const copies = [...files].filter(([file]) => file.startsWith(`${source}/`)).map(([file, content]) => [file.slice(source.length), content] as const);
    clear(files, destination);
    for (const [file, content] of copies) files.set(`${destination}${file}`, content);
    container.log(`restored member ${ordinal} from ${source}`);
    return undefined;
  });
}

function once(files: Map<string, string>, directory: string, lock: string, container: Container, restore: () => string | undefined): number {
  const path = `${directory}/.restore_lock.${lock}`;
  if (files.has(path)) return 0;
  const problem = restore();
  if (problem !== undefined) return fail(container, problem);
  for (const old of files.keys()) if (old.startsWith(`${directory}/.restore_lock.`) && old.endsWith(lock.slice(lock.indexOf('.')))) files.delete(old);
  files.set(path, '');
  return 0;
}

function clear(files: Map<string, string>, directory: string): void {
  for (const uuid of membersBelow(files, directory)) removeBelow(files, `${directory}/${uuid}/`);
}

const uuidOf = (ordinal: string): string => `00000000-0000-4000-8000-${ordinal.padStart(12, '0')}`;

function fail(container: Container, problem: string): number {
  container.log(problem);
  return 1;
}
