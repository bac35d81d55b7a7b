import { crdManifests } from '../../apps/binnacle/src/install.ts';
import { entries } from '../../apps/binnacle/src/operators.ts';
import { DEFINITIONS } from '../conformance/requests.ts';
import { rawDoor } from '../raw.ts';
import type { RawDoor } from '../raw.ts';
import { served } from '../served.ts';
import { example, exampleFiles } from './examples.ts';
import { guardedNamespace } from './operators.ts';
import type { Cluster } from './with-nodes.ts';

/** CRDs and examples that a server was given. */
export interface AcceptedReport {
  readonly definitions: number;
  readonly examples: number;
  /** Refusals and warnings. */
  readonly wrong: readonly string[];
}

/** Gives a server each generated CRD, and then each object of each example, as `kubectl apply --server-side` would; examples as dry runs. A warning is as bad as a refusal. */
export async function acceptAll(cluster: Cluster): Promise<AcceptedReport> {
  await using door = rawDoor(cluster.cluster);
  const wrong: string[] = [];
  const definitions = entries().flatMap(crdManifests);
  for (const definition of definitions) {
    wrong.push(...(await complaints(door, definition.metadata.name, `${DEFINITIONS}/${definition.metadata.name}`, definition)));
    await served(door.ask, definition.metadata.name);
  }
  const resources = entries().flatMap((entry) => entry.resources);
  const namespace = 'examples';
  await guardedNamespace(cluster.api, namespace, 'baseline');
  let examples = 0;
  for (const file of exampleFiles()) {
    for (const object of example(file)) {
      examples += 1;
      const kind = resources.find((resource) => resource.kind === object.kind);
      const base = kind === undefined ? '/api/v1' : `/apis/${kind.group}/${kind.version}`;
      const plural = kind?.plural ?? `${object.kind.toLowerCase()}s`;
      wrong.push(...(await complaints(door, `examples/${file}`, `${base}/namespaces/${namespace}/${plural}/${object.metadata.name}`, object, '&dryRun=All')));
    }
  }
  return { definitions: definitions.length, examples, wrong };
}

async function complaints(door: RawDoor, what: string, path: string, body: object, more = ''): Promise<readonly string[]> {
  const answer = await door.ask('PATCH', `${path}?fieldManager=kubectl&fieldValidation=Strict&force=true${more}`, {
    body,
    headers: { 'content-type': 'application/apply-patch+yaml' },
  });
  if (answer.status >= 300) return [`${what}: refused: PATCH ${path}: ${answer.status} ${answer.text}`];
  return answer.headers['warning'] === undefined ? [] : [`${what}: warned of: PATCH ${path}: ${answer.headers['warning']}`];
}
