import { forbidden, invalid, required } from '@binnacle/schema';
import type { FieldError } from '@binnacle/schema';
import { COMPONENTS } from '../cluster/names.ts';
import { TLS_CONF } from '../cluster/objects/tls.ts';
import { backEndPorts, brokerPorts, frontEndPorts } from '../cluster/ports.ts';
import { clashFaults } from './clashes.ts';
import { newSetNameFaults } from './new-name.ts';
import { retentionFaults } from './retention.ts';
import type { Spec } from './spec.ts';
import { PORT_MAX, amountFaults, claimFaults, idleServiceFaults, labelFaults, nameFaults, pullPolicyFaults, serviceFaults, wordFaults } from './words.ts';

const STRATEGIES = ['RollingUpdate', 'OnDelete'];
const REACHED = ['fe', 'be', 'cn'] as const;
/** By which line of the configuration a port is set. */
const PORT_KEYS: Readonly<Record<string, string>> = {
  http: 'http_port',
  editLog: 'edit_log_port',
  rpc: 'rpc_port',
  query: 'query_port',
  webserver: 'webserver_port',
  heartbeat: 'heartbeat_service_port',
  be: 'be_port',
  brpc: 'brpc_port',
  ipc: 'broker_ipc_port',
};

/**
 * What a schema cannot say. Each rule stands for a cluster that would never come up, or would lose something, told at the door.
 * Rules on changes only look at what `before` had, so that an old object can always be edited in other places.
 */
export function* faults(spec: Spec, before: Spec | undefined): Generator<FieldError> {
  const others = (['be', 'cn', 'broker'] as const).filter((name) => spec[name] !== undefined);
  if (spec.fe === undefined && others.length > 0) yield required('spec.fe', `${others.join(', ')} register with the front ends`);
  if (spec.fe === undefined && before?.fe !== undefined) {
    yield forbidden('spec.fe', 'the front ends hold the metadata; delete the DorisCluster to end it (volumes stay)');
  }
  if (spec.fe !== undefined && spec.fe.replicas < 1)
    yield invalid('spec.fe.replicas', spec.fe.replicas, 'at least one front end must stay: it holds the metadata');
  if (spec.fe !== undefined && spec.fe.requests?.['storage'] === undefined) yield required('spec.fe.requests.storage', 'it sizes the metadata volume');
  yield* followerFaults(spec, before);
  yield* storageFaults(spec);
  yield* kubernetesFaults(spec);
  yield* portFaults(spec);
  yield* tlsFaults(spec);
  yield* retentionFaults(spec);
  yield* clashFaults(spec);
}

/** An even group is no safer than the odd one below it and has one more member to lose. Existing ones may stay as they are. */
function* followerFaults({ fe }: Spec, before: Spec | undefined): Generator<FieldError> {
  const votes = (of: Spec['fe']) => Math.min(of?.followers ?? Infinity, of?.replicas ?? 0);
  const wanted = votes(fe);
  if (fe === undefined || wanted < 1 || wanted % 2 === 1 || wanted === votes(before?.fe)) return;
  const field = fe.followers === wanted ? 'spec.fe.followers' : 'spec.fe.replicas';
  yield invalid(field, wanted, `the number of followers must be odd: use ${wanted - 1} or ${wanted + 1}, or set fe.followers and let the rest be observers`);
}

/** A name with which nothing of this new cluster could be made. */
export const newNameFaults = (name: string, spec: Spec): Generator<FieldError> =>
  newSetNameFaults(
    name,
    COMPONENTS.filter((component) => spec[component] !== undefined),
  );

/** Lines that `tls` writes itself: another value would be overwritten, and its author would not know. */
function* tlsFaults({ fe }: Spec): Generator<FieldError> {
  if (fe?.tls === undefined) return;
  for (const key of Object.keys(TLS_CONF)) if (key in (fe.config ?? {})) yield forbidden(`spec.fe.config[${key}]`, 'spec.fe.tls writes this line');
}

function* storageFaults({ be }: Spec): Generator<FieldError> {
  if (be === undefined) return;
  const custom = be.storage ?? [];
  if ((custom.length === 0 || be.retainDefaultStorage === true) && be.requests?.['storage'] === undefined) {
    yield required('spec.be.requests.storage', 'it sizes the default data volume');
  }
  const seen = new Set<string>(['conf', 'be-log', ...(be.retainDefaultStorage === true ? ['be-storage'] : [])]);
  for (const [index, { name }] of custom.entries()) {
    if (seen.has(name)) yield { reason: 'FieldValueDuplicate', field: `spec.be.storage[${index}].name`, message: `Duplicate value: ${JSON.stringify(name)}` };
    seen.add(name);
  }
}

/** Words, amounts and names that Kubernetes would refuse later, where nobody looks. */
function* kubernetesFaults(spec: Spec): Generator<FieldError> {
  yield* pullPolicyFaults('spec.imagePullPolicy', spec.imagePullPolicy);
  for (const [index, { name }] of (spec.imagePullSecrets ?? []).entries()) yield* nameFaults(`spec.imagePullSecrets[${index}].name`, name);
  for (const name of REACHED) yield* serviceFaults(`spec.${name}.service`, spec[name]?.service);
  yield* placeFaults('spec', spec);
  for (const name of COMPONENTS) {
    const component = spec[name];
    if (component === undefined) continue;
    yield* placeFaults(`spec.${name}`, component);
    yield* amountFaults(`spec.${name}`, component);
  }
  for (const name of ['fe', 'be'] as const) yield* nameFaults(`spec.${name}.storageClassName`, spec[name]?.storageClassName);
  for (const [index, { storageClassName }] of (spec.be?.storage ?? []).entries())
    yield* nameFaults(`spec.be.storage[${index}].storageClassName`, storageClassName);
}

/** What the cluster and each of its components have alike. */
type Placed = Partial<Pick<Spec, 'statefulSetUpdateStrategy' | 'serviceAccount' | 'priorityClassName' | 'nodeSelector'>>;

function* placeFaults(field: string, { statefulSetUpdateStrategy, serviceAccount, priorityClassName, nodeSelector }: Placed): Generator<FieldError> {
  yield* wordFaults(`${field}.statefulSetUpdateStrategy`, statefulSetUpdateStrategy, STRATEGIES);
  yield* nameFaults(`${field}.serviceAccount`, serviceAccount);
  yield* nameFaults(`${field}.priorityClassName`, priorityClassName);
  yield* labelFaults(`${field}.nodeSelector`, nodeSelector);
}

/**
 * What Kubernetes would refuse, so that no pod or Service came of it. A new cluster is refused with it, so that nobody waits for what does not come; one
 * that is there goes on, and is told by the condition `SpecValid`.
 */
export function* idleFaults(spec: Spec): Generator<FieldError> {
  for (const name of REACHED) yield* idleServiceFaults(`spec.${name}.service`, spec[name]?.service);
  for (const name of COMPONENTS) {
    // What the existing operator took and made nothing of is a warning: see webhook/idle.ts.
    yield* claimFaults(`spec.${name}`, spec[name] ?? {});
  }
}

function* portFaults(spec: Spec): Generator<FieldError> {
  const all = [
    ['fe', spec.fe, frontEndPorts(spec.fe?.config)],
    ['be', spec.be, backEndPorts(spec.be?.config)],
    ['cn', spec.cn, backEndPorts(spec.cn?.config)],
    ['broker', spec.broker, brokerPorts(spec.broker?.config)],
  ] as const;
  for (const [name, component, ports] of all) {
    if (component === undefined) continue;
    const taken = new Map<number, string>();
    for (const [logical, port] of Object.entries(ports)) {
      const key = PORT_KEYS[logical]!;
      if (!(port >= 1 && port <= PORT_MAX)) {
        yield invalid(`spec.${name}.config[${key}]`, component.config?.[key], `must be a port between 1 and ${PORT_MAX}`);
        continue;
      }
      const other = taken.get(port);
      if (other !== undefined) yield invalid(`spec.${name}.config[${key}]`, port, `${other} has this port`);
      taken.set(port, key);
    }
  }
}
