import type { Live } from '@binnacle/client';
import { isNotFound } from '@binnacle/client';
import { Pod } from '@binnacle/client/kinds';
import type { PodStatus } from '@binnacle/client/kinds';
import { same } from '../controllers/hash.ts';
import type { NodeContext } from './context.ts';

const RETRY_MS = 1000;

/** Keeps a pod's status in the API server as it is here: one write at a time, and none when nothing differs. */
export interface StatusWriter extends AsyncDisposable {
  /** The status may differ now. Written when the write under way is done; what changes meanwhile goes out together. */
  changed(): void;
  /** Somebody else may have written it: it is written again. */
  repeat(): void;
  /** Resolves when the last change was written, or cannot be any more. */
  settled(): Promise<void>;
}

/** `status` says what it is now. The pod is told by its UID: a status never reaches a successor of the same name. */
export function statusWriter(node: NodeContext, pod: Live<typeof Pod>, status: () => PodStatus): StatusWriter {
  const { namespace, name, uid } = pod.metadata;
  const closed = new AbortController();
  let written = pod.status;
  let dirty = false;
  let writing: Promise<void> | undefined;
  const write = async () => {
    // Containers that change in one turn of the loop are one change.
    await Promise.resolve();
    while (dirty && !closed.signal.aborted) {
      dirty = false;
      const wanted = status();
      if (same(pick(written, wanted), wanted)) continue;
      const body = { metadata: { uid }, status: { ...wanted, conditions: clearing(written?.conditions, wanted.conditions) } };
      try {
        // An older server does not know all fields, as with any kubelet that is newer than it.
        const answer = await node.api.patch(
          Pod,
          { namespace, name },
          { type: 'strategic', body },
          { subresource: 'status', fieldValidation: 'Ignore', signal: closed.signal },
        );
        written = { ...answer.status, ...wanted };
      } catch (error) {
        if (closed.signal.aborted || isNotFound(error)) return;
        node.log.warn({ pod: `${namespace}/${name}`, error: String(error) }, 'pod status not written');
        dirty = true;
        await node.clock.sleep(RETRY_MS, closed.signal).catch(() => undefined);
      }
    }
  };
  const changed = () => {
    dirty = true;
    writing ??= write().finally(() => {
      writing = undefined;
    });
  };
  return {
    changed,
    repeat() {
      written = undefined;
      changed();
    },
    async settled() {
      while (writing !== undefined) await writing;
    },
    async [Symbol.asyncDispose]() {
      closed.abort();
      await writing;
    },
  };
}

/** Conditions are merged field by field: a reason that no longer holds has to be taken back. */
function clearing(before: PodStatus['conditions'], wanted: PodStatus['conditions']): unknown {
  return wanted?.map((condition) => {
    const was = before?.find(({ type }) => type === condition.type);
    const stale = (['reason', 'message'] as const).filter((field) => was?.[field] !== undefined && condition[field] === undefined);
    return { ...condition, ...Object.fromEntries(stale.map((field) => [field, null])) };
  });
}

/** The fields that we write; conditions of others are merged by the server and are not ours to compare. */
function pick(written: Live<typeof Pod>['status'], wanted: PodStatus): unknown {
  if (written === undefined) return undefined;
  const ours = new Set((wanted.conditions ?? []).map(({ type }) => type));
  const entries = Object.keys(wanted).map((key) => [key, written[key as keyof PodStatus]]);
  const conditions = (wanted.conditions ?? []).flatMap(({ type }) =>
    ours.has(type) ? (written.conditions?.find((condition) => condition.type === type) ?? []) : [],
  );
  return { ...Object.fromEntries(entries), conditions };
}
