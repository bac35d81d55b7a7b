import { readFileSync, readdirSync } from 'node:fs';
import { parse, stringify } from 'yaml';
import { COMPONENTS } from '../src/cluster/names.ts';
import { clusterFrom } from '../src/cluster/objects/cluster.ts';
import { configMap } from '../src/cluster/objects/config.ts';
import { services } from '../src/cluster/objects/services.ts';
import { statefulSet } from '../src/cluster/objects/stateful-set.ts';

const EXAMPLES = new URL('../../../examples/doris/', import.meta.url);

/** Everything that each example's DorisCluster is built into, one file an example: what `make generate` writes and what reviews read. */
export function goldenFiles(): Record<string, string> {
  const files = readdirSync(EXAMPLES)
    .filter((name) => name.endsWith('.yaml'))
    .toSorted();
  return Object.fromEntries(files.map((name) => [name, built(readFileSync(new URL(name, EXAMPLES), 'utf8'))]));
}

function built(example: string): string {
  const cluster = clusterFrom({ metadata: { namespace: 'default', ...parse(example).metadata }, spec: parse(example).spec });
  const objects = COMPONENTS.filter((name) => cluster.spec[name] !== undefined).flatMap((name) => [
    ['ConfigMap', configMap(cluster, name)] as const,
    ...services(cluster, name).map((service) => ['Service', service] as const),
    ['StatefulSet', statefulSet(cluster, name, { replicas: cluster.spec[name]?.replicas ?? 0, leaving: [], live: undefined })] as const,
  ]);
  return objects.map(([kind, object]) => stringify({ kind, ...object }, { lineWidth: 0, aliasDuplicateObjects: false })).join('---\n');
}
