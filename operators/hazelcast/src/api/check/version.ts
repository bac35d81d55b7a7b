import type { Spec } from '../spec.ts';

/** On the Hazelcast: the version of an upgrade that loses what is in memory, as the user's explicit yes to it. */
export const UPGRADE_LOSING_DATA = 'binnacle.dev/upgrade-losing-data';

/** What a change of `spec.version` is judged by. */
export interface VersionChange {
  readonly from: string;
  readonly to: string;
  readonly enterprise: boolean;
  /** Versions that members run now, as far as known. */
  readonly running: readonly string[];
  /** Value of `UPGRADE_LOSING_DATA`. */
  readonly yes: string | undefined;
}

/**
 * Why members that hold data may not go from one version to another, or undefined. The version of a cluster rises once all of its members have the new minor
 * and never falls again: back is possible only while some still run the old one. Tags that are no version are the user's own business.
 */
export function versionProblem({ from, to, enterprise, running, yes }: VersionChange): string | undefined {
  const [old, wanted] = [minorOf(from), minorOf(to)];
  if (old === undefined || wanted === undefined || (old.major === wanted.major && old.minor === wanted.minor)) return undefined;
  if (losesMemory({ from, to, enterprise })) {
    if (yes === to) return undefined;
    const both = `${old.major}.${old.minor} and ${wanted.major}.${wanted.minor}`;
    return `open-source members of ${both} do not form one cluster: all members stop, and what they hold in memory is lost; to go on annotate ${UPGRADE_LOSING_DATA}=${to}`;
  }
  if (old.major !== wanted.major) return `members of major version ${old.major} and ${wanted.major} do not form one cluster`;
  const isReverted = running.some((version) => minorOf(version)?.major === wanted.major && minorOf(version)?.minor === wanted.minor);
  if (wanted.minor < old.minor) return isReverted ? undefined : `a cluster of ${from} cannot go back to ${to}`;
  return wanted.minor > old.minor + 1 ? `minor versions are upgraded one by one: ${old.major}.${old.minor + 1} comes before ${to}` : undefined;
}

/** Whether all members stop for this change: open-source ones let no other minor into their cluster. */
export function losesMemory({ from, to, enterprise }: Pick<VersionChange, 'from' | 'to' | 'enterprise'>): boolean {
  const [old, wanted] = [minorOf(from), minorOf(to)];
  if (enterprise || old === undefined || wanted === undefined) return false;
  return old.major !== wanted.major || old.minor !== wanted.minor;
}

/** Of a tag that is a version; undefined: it is none. */
export function minorOf(version: Spec['version']): { readonly major: number; readonly minor: number } | undefined {
  const match = /^v?(\d+)\.(\d+)(?:[.-].*)?$/.exec(version);
  return match === null ? undefined : { major: Number(match[1]), minor: Number(match[2]) };
}
