import type { ApiObject } from '../object.ts';
import { printed, record } from '../object.ts';
import { badRequest } from '../refusals.ts';

export interface FieldSelector {
  matches(object: ApiObject): boolean;
  /** The name it asks for, when it asks for one: the authoriser lets `resourceNames` rules see it. */
  readonly name: string | undefined;
  readonly empty: boolean;
}

type Read = (object: ApiObject) => unknown;

const path =
  (...keys: readonly string[]): Read =>
  (object) =>
    keys.reduce<unknown>((value, key) => record(value)[key], object);

const paths = (...names: readonly string[]): Readonly<Record<string, Read>> => Object.fromEntries(names.map((name) => [name, path(...name.split('.'))]));

const EVENT = paths('reason', 'type', 'reportingController');
const INVOLVED = ['kind', 'namespace', 'name', 'uid', 'apiVersion', 'resourceVersion', 'fieldPath'];

/** Fields beyond the name and namespace, by `<plural>.<group>` (spec/sandbox.md §2.12). */
const FIELDS: Readonly<Record<string, Readonly<Record<string, Read>>>> = {
  pods: {
    ...paths(
      'spec.nodeName',
      'spec.restartPolicy',
      'spec.schedulerName',
      'spec.serviceAccountName',
      'status.phase',
      'status.podIP',
      'status.nominatedNodeName',
    ),
    'spec.hostNetwork': (object) => record(object['spec'])['hostNetwork'] ?? false,
    'status.podIPs': path('status', 'podIP'),
  },
  nodes: { 'spec.unschedulable': (object) => record(object['spec'])['unschedulable'] ?? false },
  events: {
    ...EVENT,
    ...paths(...INVOLVED.map((name) => `involvedObject.${name}`)),
    ...Object.fromEntries(INVOLVED.map((name) => [`regarding.${name}`, path('involvedObject', name)])),
    reportingComponent: path('reportingComponent'),
    source: path('source', 'component'),
  },
  namespaces: paths('status.phase'),
  secrets: paths('type'),
  services: paths('spec.clusterIP', 'spec.type'),
  'jobs.batch': { 'status.successful': (object) => record(object['status'])['succeeded'] ?? 0 },
  replicationcontrollers: { 'status.replicas': (object) => record(object['status'])['replicas'] ?? 0 },
  'replicasets.apps': { 'status.replicas': (object) => record(object['status'])['replicas'] ?? 0 },
};

/**
 * `metadata.name=a,spec.nodeName!=b` for objects of a kind. `selectable`: JSON paths of a custom kind's `selectableFields`.
 * @throws {Refusal} 400 for a field that the kind cannot be selected by.
 */
export function parseFieldSelector(selector: string, bucket: string, selectable: readonly string[] = []): FieldSelector {
  let name: string | undefined;
  const tests = fieldTerms(selector).map(({ field, operator, value }) => {
    const read = reader(field, bucket, selectable);
    if (field === 'metadata.name' && operator !== '!=') name = value;
    return (object: ApiObject) => (printed(read(object) ?? '') === value) === (operator !== '!=');
  });
  return { matches: (object) => tests.every((test) => test(object)), name, empty: tests.length === 0 };
}

/** What a field selector asks for, whatever the kind. @throws {Refusal} 400 when it cannot be read. */
export function fieldTerms(selector: string): readonly { readonly field: string; readonly operator: string; readonly value: string }[] {
  const terms = selector.split(/(?<!\\),/).filter((term) => term.trim() !== '');
  return terms.map((term) => {
    const match = /^\s*([^=!\s]+)\s*(==|=|!=)(.*)$/s.exec(term);
    if (match === null) throw badRequest(`invalid selector: '${selector}'; can't understand '${term}'`);
    const [, field, operator, raw] = match;
    return { field: field!, operator: operator!, value: raw!.replace(/\\([\\,=])/g, '$1') };
  });
}

function reader(field: string, bucket: string, selectable: readonly string[]): Read {
  if (field === 'metadata.name' || field === 'metadata.namespace') return path(...field.split('.'));
  const known = FIELDS[bucket]?.[field];
  if (known !== undefined) return known;
  if (selectable.includes(`.${field}`)) return path(...field.split('.'));
  if (FIELDS[bucket] === undefined && selectable.length === 0) {
    throw badRequest(`"${field}" is not a known field selector: only "metadata.name", "metadata.namespace"`);
  }
  throw badRequest(`field label not supported: ${field}`);
}
