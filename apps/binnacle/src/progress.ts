import { styleText } from 'node:util';
import { conditionOf, isReady } from '@binnacle/client';
import type { AnyKind, Api, Clock, Live } from '@binnacle/client';
import { PersistentVolumeClaim, Pod, Service, StatefulSet } from '@binnacle/client/kinds';

/** One line a change: what was created and what became ready, as it happens. Runs until `signal`. */
export async function showProgress(
  api: Api,
  clock: Clock,
  resources: readonly AnyKind[],
  namespace: string,
  write: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const start = clock.monotonic();
  const told = new Map<string, string>();
  const tell = (object: Live<AnyKind>, state: string) => {
    const id = `${object.kind} ${object.metadata.name}`;
    if (told.get(id) === state) return;
    told.set(id, state);
    const seconds = ((clock.monotonic() - start) / 1000).toFixed(1).padStart(6);
    const colour = /^(Ready|Bound|(\d+) of \2 ready)$/.test(state) ? 'green' : state === 'gone' ? 'gray' : 'yellow';
    write(`${styleText('gray', `${seconds} s`)}  ${object.kind.padEnd(22)} ${object.metadata.name.padEnd(26)} ${styleText(colour, state)}`);
  };
  const shown: readonly AnyKind[] = [...resources, StatefulSet, Service, PersistentVolumeClaim, Pod];
  await Promise.all(
    shown.map(async (kind) => {
      try {
        for await (const event of api.watch(kind, { namespace, sendInitialEvents: true, signal })) {
          if (event.type === 'DELETED') tell(event.object, 'gone');
          else if (event.type !== 'BOOKMARK') tell(event.object, stateOf(event.object));
        }
      } catch (error) {
        if (!signal.aborted) throw error;
      }
    }),
  );
}

/** An object's state in a word or two. */
export function stateOf(object: Live<AnyKind>): string {
  if (object.metadata.deletionTimestamp !== undefined) return 'terminating';
  const { status = {}, spec = {} } = object as { status?: Readonly<Record<string, string>>; spec?: Readonly<Record<string, string>> };
  switch (object.kind) {
    case 'Pod':
      return isReady(object) ? 'Ready' : (status['phase'] ?? 'Pending');
    case 'StatefulSet': {
      return `${status['readyReplicas'] ?? 0} of ${spec['replicas'] ?? 1} ready`;
    }
    case 'PersistentVolumeClaim':
      return status['phase'] ?? 'Pending';
    case 'Service':
      return `created, ${spec['clusterIP'] === 'None' ? 'headless' : spec['type']}`;
    default: {
      const ready = conditionOf(object, 'Ready');
      if (ready === undefined) return 'accepted';
      return isReady(object) ? 'Ready' : `${ready.reason ?? ''}: ${ready.message ?? ''}`;
    }
  }
}

/** What is not Ready and why: the objects, then the pods, each in a line. Empty when all is well. */
export async function notReady(api: Api, resources: readonly AnyKind[], namespace: string): Promise<readonly string[]> {
  const lines: string[] = [];
  for (const kind of resources) {
    const { items } = await api.list(kind, { namespace });
    for (const object of items) if (!isReady(object)) lines.push(`${kind.kind} ${namespace}/${object.metadata.name}: ${stateOf(object)}`);
  }
  if (lines.length === 0) return lines;
  const pods = await api.list(Pod, { namespace });
  for (const pod of pods.items) if (stateOf(pod) !== 'Ready') lines.push(`Pod ${namespace}/${pod.metadata.name}: ${stateOf(pod)} ${waiting(pod)}`.trimEnd());
  return lines;
}

function waiting(pod: Live<typeof Pod>): string {
  const reasons = pod.status?.containerStatuses?.map((container) => container.state?.waiting).filter((state) => state !== undefined);
  return reasons?.map((state) => `(${state.reason ?? ''}: ${state.message ?? ''})`).join(' ') ?? '';
}
