import { quantityNanos } from '@binnacle/schema';
import { isObject, listAt, objectAt, stringAt } from '../../json.ts';
import type { JsonObject } from '../../json.ts';
import { addressWarnings } from './addresses.ts';
import { volumeWarnings } from './volumes.ts';

const OLD_LABELS: Readonly<Record<string, string>> = {
  'beta.kubernetes.io/arch': 'deprecated since v1.14; use "kubernetes.io/arch" instead',
  'beta.kubernetes.io/os': 'deprecated since v1.14; use "kubernetes.io/os" instead',
  'failure-domain.beta.kubernetes.io/region': 'deprecated since v1.17; use "topology.kubernetes.io/region" instead',
  'failure-domain.beta.kubernetes.io/zone': 'deprecated since v1.17; use "topology.kubernetes.io/zone" instead',
  'beta.kubernetes.io/instance-type': 'deprecated since v1.17; use "node.kubernetes.io/instance-type" instead',
};
const OLD_ANNOTATIONS: Readonly<Record<string, string>> = {
  'scheduler.alpha.kubernetes.io/critical-pod': 'non-functional in v1.16+; use the "priorityClassName" field instead',
  'security.alpha.kubernetes.io/sysctls': 'non-functional in v1.11+; use the "sysctls" field instead',
  'security.alpha.kubernetes.io/unsafe-sysctls': 'non-functional in v1.11+; use the "sysctls" field instead',
};
const NULL_SELECTOR = 'a null labelSelector results in matching no pod';

/** What is odd and allowed in a pod, or in a template at `path`. Source: pkg/api/pod/warnings.go, `warningsForPodSpecAndMeta`; `''`: the pod itself. */
export function podWarnings(template: JsonObject, path: string): readonly string[] {
  const spec = objectAt(template, 'spec');
  const at = path === '' ? 'spec' : `${path}.spec`;
  const annotations = objectAt(objectAt(template, 'metadata'), 'annotations');
  const grace = spec['terminationGracePeriodSeconds'];
  const containers = containersOf(spec, at);
  return [
    ...old(OLD_LABELS, objectAt(spec, 'nodeSelector'), `${at}.nodeSelector`),
    ...spreadWarnings(spec, at),
    ...old(OLD_ANNOTATIONS, annotations, `${path === '' ? '' : `${path}.`}metadata.annotations`),
    ...volumeWarnings(objects(spec, 'volumes'), `${at}.volumes`),
    ...doubled(objects(spec, 'hostAliases'), 'ip').map(([index, ip]) => `${at}.hostAliases[${index}].ip: duplicate ip ${JSON.stringify(ip)}`),
    ...secretWarnings(objects(spec, 'imagePullSecrets'), `${at}.imagePullSecrets`),
    ...fractions(objectAt(spec, 'overhead'), `${at}.overhead`),
    ...containers.flatMap(([container, where]) => containerWarnings(container, where)),
    ...portWarnings(containers),
    ...(typeof grace === 'number' && grace < 0
      ? [`${at}.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1`]
      : []),
    ...affinityWarnings(objectAt(spec, 'affinity'), `${at}.affinity`),
    ...listAt(objectAt(spec, 'dnsConfig'), 'nameservers').flatMap((one, index) => addressWarnings(`${at}.dnsConfig.nameservers[${index}]`, String(one))),
    ...objects(spec, 'hostAliases').flatMap((one, index) => addressWarnings(`${at}.hostAliases[${index}].ip`, stringAt(one, 'ip') ?? '')),
  ];
}

/** Amounts of bytes that are none. */
export function fractions(amounts: JsonObject, path: string, names: readonly string[] = ['memory', 'ephemeral-storage']): readonly string[] {
  return names.flatMap((name) => {
    const value = amounts[name];
    const nanos = typeof value === 'string' || typeof value === 'number' ? quantityNanos(value) : undefined;
    // A quantity is held against thousandths.
    if (nanos === undefined || nanos % 1_000_000_000n === 0n) return [];
    return [`${path}[${name}]: fractional byte value ${JSON.stringify(String(value))} is invalid, must be an integer`];
  });
}

type Placed = readonly [container: JsonObject, path: string];

const objects = (parent: JsonObject, key: string): readonly JsonObject[] => listAt(parent, key).filter(isObject);

function containersOf(spec: JsonObject, at: string): readonly Placed[] {
  return ['initContainers', 'containers', 'ephemeralContainers'].flatMap((key) =>
    objects(spec, key).map((container, index): Placed => [container, `${at}.${key}[${index}]`]),
  );
}

function old(known: Readonly<Record<string, string>>, said: JsonObject, path: string): readonly string[] {
  return Object.keys(said).flatMap((key) => (Object.hasOwn(known, key) ? [`${path}[${key}]: ${known[key]}`] : []));
}

/** Elements that say what one before them has said. */
function doubled(items: readonly JsonObject[], key: string): readonly (readonly [index: number, value: string])[] {
  const values = items.map((item) => stringAt(item, key) ?? '');
  return values.flatMap((value, index) => (values.indexOf(value) < index ? [[index, value] as const] : []));
}

function spreadWarnings(spec: JsonObject, at: string): readonly string[] {
  return objects(spec, 'topologySpreadConstraints').flatMap((one, index) => {
    const path = `${at}.topologySpreadConstraints[${index}]`;
    const key = stringAt(one, 'topologyKey') ?? '';
    return [
      ...(Object.hasOwn(OLD_LABELS, key) ? [`${path}.topologyKey: ${key} is ${OLD_LABELS[key]}`] : []),
      ...(isObject(one['labelSelector']) ? [] : [`${path}.labelSelector: ${NULL_SELECTOR}`]),
    ];
  });
}

function secretWarnings(secrets: readonly JsonObject[], path: string): readonly string[] {
  return [
    ...doubled(secrets, 'name').map(([index, name]) => `${path}[${index}].name: duplicate name ${JSON.stringify(name)}`),
    ...secrets.flatMap((secret, index) => ((stringAt(secret, 'name') ?? '') === '' ? [`${path}[${index}].name: invalid empty name ""`] : [])),
  ];
}

function containerWarnings(container: JsonObject, path: string): readonly string[] {
  const resources = objectAt(container, 'resources');
  const env = objects(container, 'env');
  const hiding = doubled(env, 'name').filter(([index, name]) => {
    const value = stringAt(env[index]!, 'value') ?? '';
    const reference = `$(${name})`;
    return env[index]!['valueFrom'] !== undefined || value === reference || !value.includes(reference);
  });
  return [
    ...fractions(objectAt(resources, 'limits'), `${path}.resources.limits`),
    ...fractions(objectAt(resources, 'requests'), `${path}.resources.requests`),
    ...hiding.map(([index, name]) => `${path}.env[${index}]: hides previous definition of ${JSON.stringify(name)}, which may be dropped when using apply`),
  ];
}

interface Port {
  readonly field: string;
  readonly port: JsonObject;
  readonly name: string;
  readonly hostIP: string;
  readonly hostPort: number;
}

function portWarnings(containers: readonly Placed[]): readonly string[] {
  const ports = containers.flatMap(([container, path]) =>
    objects(container, 'ports').map((port, index): Port => ({
      field: `${path}.ports[${index}]`,
      port,
      name: stringAt(port, 'name') ?? '',
      hostIP: stringAt(port, 'hostIP') ?? '',
      hostPort: typeof port['hostPort'] === 'number' ? port['hostPort'] : 0,
    })),
  );
  const nowhere = ports.filter(({ hostIP, hostPort }) => hostIP !== '' && hostPort === 0).map(({ field }) => `${field}: hostIP set without hostPort`);
  const pairs = ports.flatMap((one, index) =>
    ports.slice(0, index).flatMap((other) => {
      const same = one.port['containerPort'] === other.port['containerPort'] && one.port['protocol'] === other.port['protocol'];
      const kind = same ? meeting(one, other) : undefined;
      return kind === undefined ? [] : [`${one.field}: ${kind} port definition with ${other.field}`];
    }),
  );
  const named = ports.flatMap((one, index) => {
    const first = one.name === '' ? index : ports.findIndex(({ name }) => name === one.name);
    if (first >= index) return [];
    const { field } = ports[first]!;
    return [`${one.field}: duplicate port name ${JSON.stringify(one.name)} with ${field}, services and probes that select ports by name will use ${field}`];
  });
  return [...nowhere, ...pairs, ...named];
}

function meeting(one: Port, other: Port): string | undefined {
  if (one.hostIP === other.hostIP && one.hostPort === other.hostPort) return 'duplicate';
  if (one.hostPort === 0 || other.hostPort === 0) return 'overlapping';
  return one.hostPort === other.hostPort && (one.hostIP === '') !== (other.hostIP === '') ? 'dangerously ambiguous' : undefined;
}

function affinityWarnings(affinity: JsonObject, path: string): readonly string[] {
  return ['podAffinity', 'podAntiAffinity'].flatMap((kind) => {
    const terms = objectAt(affinity, kind);
    const [required, preferred] = ['requiredDuringSchedulingIgnoredDuringExecution', 'preferredDuringSchedulingIgnoredDuringExecution'] as const;
    const none = (term: JsonObject, at: string) => (isObject(term['labelSelector']) ? [] : [`${at}.labelSelector: ${NULL_SELECTOR}`]);
    return [
      ...objects(terms, required).flatMap((term, index) => none(term, `${path}.${kind}.${required}[${index}]`)),
      ...objects(terms, preferred).flatMap((term, index) => none(objectAt(term, 'podAffinityTerm'), `${path}.${kind}.${preferred}[${index}].podAffinityTerm`)),
    ];
  });
}
