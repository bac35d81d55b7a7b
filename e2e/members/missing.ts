import { missingPrograms } from '../found.ts';

/** Programs, and the Debian package that brings each. */
const PROGRAMS: Readonly<Record<string, string>> = {
  java: 'openjdk-17-jdk-headless',
  mvn: 'maven',
  ip: 'iproute2',
  setpriv: 'util-linux',
  unshare: 'util-linux',
};

/** What this machine lacks for real members outside of a cluster, one line each; empty: nothing. */
export function missing(): readonly string[] {
  return [...(process.getuid?.() === 0 ? [] : ['root: members run in a network namespace of their own']), ...missingPrograms(PROGRAMS)];
}
