import { parse } from 'yaml';
import type { Sections } from './member.ts';

/** Configurations that are kept read. */
const KEPT_MOST = 500;
const read = new Map<string, Sections>();

/**
 * The sections of a `hazelcast.yaml`, to be read only. Kept for the next time: each look at a cluster that is well reads the one it has several times.
 * @throws {Error} when it is no YAML.
 */
export function sectionsIn(yaml: string): Sections {
  const known = read.get(yaml);
  if (known !== undefined) {
    // The last one used is the last one to go.
    read.delete(yaml);
    read.set(yaml, known);
    return known;
  }
  const sections = (parse(yaml) as { readonly hazelcast?: Sections } | null)?.hazelcast ?? {};
  read.set(yaml, sections);
  for (const oldest of read.keys()) {
    if (read.size <= KEPT_MOST) break;
    read.delete(oldest);
  }
  return sections;
}
