import { forbidden, invalid, quantityNanos, required, unsupported } from '@binnacle/schema';
import type { FieldError } from '@binnacle/schema';

const SERVICE_TYPES = ['ClusterIP', 'NodePort', 'LoadBalancer'];
const TRAFFIC_POLICIES = ['Cluster', 'Local'];
const PULL_POLICIES = ['Always', 'IfNotPresent', 'Never'];
export const PORT_MAX = 65_535;

type Text = string | undefined;

/** Whether a text says something: an empty one and none mean the same to existing objects. */
const says = (value: Text): value is string => value !== undefined && value !== '';

/** One of a few words. */
export function* wordFaults(field: string, value: Text, known: readonly string[]): Generator<FieldError> {
  if (says(value) && !known.includes(value)) yield unsupported(field, value, known);
}

/** When an image is pulled. */
export const pullPolicyFaults = (field: string, value: Text): Iterable<FieldError> => wordFaults(field, value, PULL_POLICIES);

/** How a Service is reached: `NODE_PORTS` are the fields that hold node ports. */
export interface Exposure {
  readonly type?: Text;
  readonly externalTrafficPolicy?: Text;
  readonly httpPort?: number | undefined;
  readonly queryPort?: number | undefined;
}
export const NODE_PORTS = ['queryPort', 'httpPort'] as const;

/** What no Service can be. The range of node ports is a matter of the cluster (`--service-node-port-range`): it is not judged here, but see `unusualPorts`. */
export function* serviceFaults(field: string, service: Exposure | undefined): Generator<FieldError> {
  yield* wordFaults(`${field}.type`, service?.type, SERVICE_TYPES);
  yield* wordFaults(`${field}.externalTrafficPolicy`, service?.externalTrafficPolicy, TRAFFIC_POLICIES);
  for (const name of NODE_PORTS) {
    const port = service?.[name];
    if (port !== undefined && (port < 0 || port > PORT_MAX)) yield invalid(`${field}.${name}`, port, `must be a port between 1 and ${PORT_MAX}, or 0: any`);
  }
}

/** What a Service that is not reached from outside has no use for. Kubernetes refuses it there (pkg/apis/core/validation, ValidateService); we leave it out. */
export function* idleServiceFaults(field: string, service: Exposure | undefined): Generator<FieldError> {
  if (service === undefined || (says(service.type) && service.type !== 'ClusterIP')) return;
  const why = `has no effect on a Service of type ClusterIP: set ${field}.type to NodePort or LoadBalancer, or take this out`;
  if (says(service.externalTrafficPolicy)) yield forbidden(`${field}.externalTrafficPolicy`, why);
  for (const name of NODE_PORTS) if ((service[name] ?? 0) !== 0) yield forbidden(`${field}.${name}`, why);
}

/** By default node ports are from this range, and a cluster can have another one. Source: kubernetes.io/docs, Service, type NodePort. */
const NODE_PORT_RANGE = [30_000, 32_767] as const;

/** Node ports that most clusters do not give, and this one may. */
export function* unusualPorts(field: string, service: Exposure | undefined): Generator<string> {
  const [least, most] = NODE_PORT_RANGE;
  for (const name of NODE_PORTS) {
    const port = service?.[name] ?? 0;
    if (port > 0 && port <= PORT_MAX && (port < least || port > most))
      yield `${field}.${name}: ${port} is a node port that a cluster gives only where --service-node-port-range says so: by default they are ${least} to ${most}`;
  }
}

const NAME = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const NAME_MOST = 253;

/** The name of another object: a DNS subdomain. Source: kubernetes.io/docs, Object Names and IDs. */
export function* nameFaults(field: string, value: Text): Generator<FieldError> {
  if (says(value) && (value.length > NAME_MOST || !NAME.test(value)))
    yield invalid(
      field,
      value,
      `must be the name of an object: at most ${NAME_MOST} small letters, digits, dashes and dots, with a letter or digit at both ends`,
    );
}

/** A key of a Secret: both have to be named, and the Secret as one can be. */
export function* secretKeyFaults(field: string, from: { readonly name?: Text; readonly key: string } | undefined): Generator<FieldError> {
  if (from === undefined) return;
  if (!says(from.name)) yield required(`${field}.name`, 'the Secret that has the password');
  yield* nameFaults(`${field}.name`, from.name);
  if (from.key === '') yield required(`${field}.key`, 'the key of the Secret under which the password stands');
}

const LABEL = /^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/;
const LABEL_MOST = 63;
const isLabel = (text: string): boolean => text.length <= LABEL_MOST && LABEL.test(text);

function isLabelKey(key: string): boolean {
  const [name = '', prefix, ...more] = key.split('/').toReversed();
  return more.length === 0 && isLabel(name) && (prefix === undefined || (prefix.length <= NAME_MOST && NAME.test(prefix)));
}

/** Labels, or what nodes are chosen by. Source: kubernetes.io/docs, Labels and Selectors. */
export function* labelFaults(field: string, labels: Readonly<Record<string, string>> | undefined): Generator<FieldError> {
  for (const [key, value] of Object.entries(labels ?? {})) {
    const what = `at most ${LABEL_MOST} letters, digits, dashes, underscores and dots, with a letter or digit at both ends`;
    if (!isLabelKey(key)) yield invalid(field, key, `the key of a label must have ${what}, after a domain and a slash or not`);
    else if (value !== '' && !isLabel(value)) yield invalid(`${field}[${key}]`, value, `the value of a label must be empty or have ${what}`);
  }
}

const DURATION = /^(0|(?=\d)(\d+y)?(\d+w)?(\d+d)?(\d+h)?(\d+m)?(\d+s)?(\d+ms)?)$/;

/** A time as Prometheus and Loki read it. Source: prometheus.io/docs, Configuration, `<duration>`. */
export function* durationFaults(field: string, value: Text): Generator<FieldError> {
  if (says(value) && !DURATION.test(value))
    yield invalid(field, value, 'must be a time such as 15d, 360h or 1h30m: units are y, w, d, h, m, s, ms, the larger first');
}

type Amounts = Readonly<Record<string, string | number>> | undefined;

/** Amounts of resources as they stand in a spec. */
export interface Resources {
  readonly requests?: Amounts;
  readonly limits?: Amounts;
  readonly claims?: readonly unknown[] | undefined;
}

/** Of a container Kubernetes knows these, hugepages, and names with a domain. Source: pkg/apis/core/helper, IsStandardContainerResourceName. */
const STANDARD = ['cpu', 'memory', 'ephemeral-storage'];
const isResource = (name: string): boolean => STANDARD.includes(name) || name.startsWith('hugepages-') || (name.includes('/') && isLabelKey(name));

/** Amounts with which no pod could be made. `storage` sizes a volume, and is not the container's. */
export function* amountFaults(field: string, { requests, limits }: Resources): Generator<FieldError> {
  for (const [list, amounts] of [
    ['requests', requests],
    ['limits', limits],
  ] as const) {
    for (const [name, amount] of Object.entries(amounts ?? {})) {
      const [path, nanos] = [`${field}.${list}.${name}`, quantityNanos(amount)];
      if (nanos === undefined) yield invalid(path, amount, 'must be an amount such as 500m, 2 or 10Gi');
      else if (nanos < 0n) yield invalid(path, amount, 'must not be negative');
      else if (nanos === 0n && name === 'storage' && list === 'requests') yield invalid(path, amount, 'must be more than nothing: it sizes a volume');
      if (name !== 'storage' && !isResource(name)) yield unsupported(path, name, [...STANDARD, 'storage', 'hugepages-…', 'a name with a domain']);
    }
  }
  for (const [name, limit] of Object.entries(limits ?? {})) {
    const wanted = requests?.[name];
    if (name !== 'storage' && wanted !== undefined && (quantityNanos(wanted) ?? 0n) > (quantityNanos(limit) ?? 0n))
      yield invalid(`${field}.limits.${name}`, limit, `must not be less than requests.${name}, which is ${wanted}`);
  }
}

/** What pods cannot have: nobody could say here which ResourceClaim is meant, and Kubernetes refuses the pod. */
export function* claimFaults(field: string, { claims }: Resources): Generator<FieldError> {
  if ((claims ?? []).length > 0)
    yield forbidden(`${field}.claims`, 'a container can name only claims that its pod declares, and these pods declare none: take this out');
}

/** Sizes of volumes where there are none. The existing operator's objects may have them. */
export function* idleStorage(field: string, of: Resources | undefined): Generator<string> {
  for (const list of ['requests', 'limits'] as const)
    if (of?.[list]?.['storage'] !== undefined) yield `${field}.${list}.storage: has no effect: there is no volume here that it could size`;
}
