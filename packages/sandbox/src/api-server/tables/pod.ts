import { list, record, text } from '../object.ts';
import type { ApiObject } from '../object.ts';
import { ageOf } from './age.ts';
import { AGE, NAME, field, shown, wide, word } from './columns.ts';
import type { BuiltinColumn } from './columns.ts';

type Fields = Readonly<Record<string, unknown>>;

const statuses = (pod: ApiObject, name: string): readonly Fields[] => list(field(pod, 'status', name)).map(record);
const waiting = (status: Fields) => text(field(status, 'state', 'waiting', 'reason'));
const terminated = (status: Fields): Fields | undefined => {
  const state = field(status, 'state', 'terminated');
  return state === undefined ? undefined : record(state);
};

/** What a terminated container says: its reason, else its signal or exit code. */
function ending(state: Fields, prefix = ''): string {
  const reason = text(state['reason']) ?? '';
  if (reason !== '') return `${prefix}${reason}`;
  const signal = Number(state['signal'] ?? 0);
  return signal === 0 ? `${prefix}ExitCode:${Number(state['exitCode'] ?? 0)}` : `${prefix}Signal:${signal}`;
}

/** The word in kubectl's STATUS column: the phase, unless a container has more to say. */
function podStatus(pod: ApiObject): string {
  const reason = word(pod, 'status.reason');
  const initial = initStatus(pod);
  let status = initial ?? (reason === '' ? word(pod, 'status.phase') : reason);
  if (initial === undefined) {
    let running = false;
    for (const container of statuses(pod, 'containerStatuses').toReversed()) {
      const ended = terminated(container);
      const why = waiting(container) ?? '';
      if (why !== '') status = why;
      else if (ended !== undefined) status = ending(ended);
      else if (container['ready'] === true && field(container, 'state', 'running') !== undefined) running = true;
    }
    // One has done its work, others go on.
    if (status === 'Completed' && running) status = isReady(pod) ? 'Running' : 'NotReady';
  }
  if (pod.metadata.deletionTimestamp === undefined) return status;
  return reason === 'NodeLost' ? 'Unknown' : isOver(pod) ? status : 'Terminating';
}

function isOver(pod: ApiObject): boolean {
  return ['Succeeded', 'Failed'].includes(word(pod, 'status.phase'));
}

function isReady(pod: ApiObject): boolean {
  return list(field(pod, 'status', 'conditions')).some((condition) => record(condition)['type'] === 'Ready' && record(condition)['status'] === 'True');
}

/** The first init container that is not done; `undefined` when all are. */
function initStatus(pod: ApiObject): string | undefined {
  const wanted = list(field(pod, 'spec', 'initContainers')).map(record);
  for (const [index, container] of statuses(pod, 'initContainerStatuses').entries()) {
    const ended = terminated(container);
    if (ended?.['exitCode'] === 0) continue;
    const sidecar = wanted.find((one) => one['name'] === container['name'])?.['restartPolicy'] === 'Always';
    if (sidecar && container['started'] === true) continue;
    if (ended !== undefined) return ending(ended, 'Init:');
    const why = waiting(container) ?? '';
    return why !== '' && why !== 'PodInitializing' ? `Init:${why}` : `Init:${index}/${wanted.length}`;
  }
  return undefined;
}

function readyCount(pod: ApiObject): string {
  const ready = statuses(pod, 'containerStatuses').filter((container) => container['ready'] === true).length;
  return `${ready}/${list(field(pod, 'spec', 'containers')).length}`;
}

function restarts(pod: ApiObject, nowMs: number): string {
  const containers = [...statuses(pod, 'initContainerStatuses'), ...statuses(pod, 'containerStatuses')];
  const counts = containers.reduce((sum, container) => sum + Number(container['restartCount'] ?? 0), 0);
  const last =
    containers
      .map((container) => text(field(container, 'lastState', 'terminated', 'finishedAt')) ?? '')
      .toSorted()
      .at(-1) ?? '';
  return counts === 0 || last === '' ? String(counts) : `${counts} (${ageOf(last, nowMs)} ago)`;
}

function readinessGates(pod: ApiObject): string {
  const gates = list(field(pod, 'spec', 'readinessGates')).map((gate) => record(gate)['conditionType']);
  if (gates.length === 0) return '<none>';
  const conditions = list(field(pod, 'status', 'conditions')).map(record);
  const passed = gates.filter((gate) => conditions.some((condition) => condition['type'] === gate && condition['status'] === 'True'));
  return `${passed.length}/${gates.length}`;
}

/** Columns of pods. Source: spec/sandbox.md §1.3 and the printer of Kubernetes. */
export const podTables: Readonly<Record<string, readonly BuiltinColumn[]>> = {
  pods: [
    NAME,
    shown('Ready', readyCount),
    shown('Status', podStatus),
    shown('Restarts', restarts),
    AGE,
    wide('IP', (pod) => word(pod, 'status.podIP', '<none>')),
    wide('Node', (pod) => word(pod, 'spec.nodeName', '<none>')),
    wide('Nominated Node', (pod) => word(pod, 'status.nominatedNodeName', '<none>')),
    wide('Readiness Gates', readinessGates),
  ],
};
