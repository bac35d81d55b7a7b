import { parse } from 'yaml';
import type { Sections } from './member.ts';

/** The user's own sections. @throws {Error} when the text is no YAML mapping. */
export function parseCustom(text: string): Sections {
  const custom = parse(text, { maxAliasCount: 100 }) as unknown;
  if (custom === null || custom === undefined) return {};
  if (!isMapping(custom)) throw new Error('not a mapping');
  return custom;
}

/**
 * Ours and the user's in one. Normally a section of ours replaces the user's as a whole; with `overwrite` the user's is merged over ours: mappings key by key,
 * everything else replaced. Source: spec/hazelcast-core.md §2.7.6.
 */
export function mergeCustom(ours: Sections, custom: Sections, overwrite: boolean): Sections {
  return overwrite ? deep(ours, custom) : { ...custom, ...ours };
}

function deep(under: Sections, over: Sections): Sections {
  const merged: Record<string, unknown> = { ...under };
  for (const [key, value] of Object.entries(over)) {
    const old = merged[key];
    merged[key] = isMapping(old) && isMapping(value) ? deep(old, value) : value;
  }
  return merged;
}

function isMapping(value: unknown): value is Sections {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
