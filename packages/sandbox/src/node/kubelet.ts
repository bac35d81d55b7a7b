import type { Live, Ref } from '@binnacle/client';
import type { Pod } from '@binnacle/client/kinds';
import type { Kubelet } from '../kubelet.ts';
import { Refusal } from '../refusal.ts';
import type { NodeContext } from './context.ts';
import type { PodWorker } from './pod-worker.ts';
import type { Slot } from './slot.ts';

/** Logs, exec and ports of the pods that run here. Refuses in the words of a real kubelet, since people search for them. */
export function kubelet(workers: ReadonlyMap<string, PodWorker>, node: Pick<NodeContext, 'log'>, pod: (ref: Ref) => Live<typeof Pod> | undefined): Kubelet {
  const slotOf = (ref: Ref, container: string): Slot => {
    const found = workers.get(pod(ref)?.metadata.uid ?? '')?.slots.find(({ spec }) => spec.name === container);
    if (found === undefined) throw new Refusal(400, 'BadRequest', `container ${container} is not valid for pod ${ref.name}`);
    return found;
  };
  return {
    logs(ref, container, options) {
      const slot = slotOf(ref, container);
      const log = options.previous ? slot.previousLog : slot.log;
      if (log !== undefined) return log.read(options);
      if (options.previous) throw new Refusal(400, 'BadRequest', `previous terminated container "${container}" in pod "${ref.name}" not found`);
      const reason = slot.state.waiting?.reason ?? 'ContainerCreating';
      throw new Refusal(400, 'BadRequest', `container "${container}" in pod "${ref.name}" is waiting to start: ${reason}`);
    },
    async exec(ref, container, command) {
      const slot = slotOf(ref, container);
      if (slot.exec === undefined) throw new Refusal(500, 'InternalError', `container not found ("${container}")`);
      node.log.debug({ pod: ref.name, container }, 'exec');
      return slot.exec(command);
    },
    async portForward(ref, port, signal) {
      const found = pod(ref);
      const worker = workers.get(found?.metadata.uid ?? '');
      if (worker === undefined) throw new Refusal(404, 'NotFound', `pod ${ref.name} does not run on this node`);
      return worker.dial(port, signal);
    },
  };
}
