import type { AnyKind, Api, Clock, Live } from '@binnacle/client';
import { apiVersionOf, isAlreadyExists, timestamp } from '@binnacle/client';
import { CoreEvent } from '@binnacle/client/kinds';
import type { Logger } from '@binnacle/runtime';
import { shortHash } from './hash.ts';

/** What an Event says. `component`: who says it, e.g. `statefulset-controller`; `host`: on which node. */
export interface Said {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
  readonly component: string;
  readonly host?: string;
  /** A part of the object, e.g. `spec.containers{web}`. */
  readonly fieldPath?: string;
}

interface Where {
  readonly api: Api;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * An Event on an object. Saying the same again counts up the first one: the name follows from what is said, so no memory is kept and nothing piles up.
 * Never fails: an Event that could not be written is logged and lost, as everywhere in Kubernetes.
 */
export async function record<K extends AnyKind>(where: Where, kind: K, object: Live<K>, said: Said): Promise<void> {
  const { api, clock, log } = where;
  const about = object.metadata as { readonly namespace?: string; readonly name: string; readonly uid: string; readonly resourceVersion: string };
  const namespace = about.namespace ?? 'default';
  const name = `${about.name}.${shortHash([about.uid, said.type, said.reason, said.message, said.component, said.fieldPath ?? ''].join('\n'), 16)}`;
  const now = timestamp(clock.now());
  const event = {
    metadata: { name, namespace },
    involvedObject: {
      apiVersion: apiVersionOf(kind),
      kind: kind.kind,
      ...(about.namespace === undefined ? {} : { namespace: about.namespace }),
      name: about.name,
      uid: about.uid,
      resourceVersion: about.resourceVersion,
      ...(said.fieldPath === undefined ? {} : { fieldPath: said.fieldPath }),
    },
    type: said.type,
    reason: said.reason,
    message: said.message,
    source: { component: said.component, ...(said.host === undefined ? {} : { host: said.host }) },
    reportingComponent: said.component,
    reportingInstance: said.host ?? '',
    firstTimestamp: now,
    lastTimestamp: now,
    count: 1,
  };
  try {
    await api.create(CoreEvent, event);
  } catch (error) {
    if (!isAlreadyExists(error)) return log.debug({ reason: said.reason, error: String(error) }, 'event lost');
    await countUp(where, { namespace, name }, now);
  }
}

async function countUp({ api, log }: Where, ref: { readonly namespace: string; readonly name: string }, now: string): Promise<void> {
  try {
    const { count = 1 } = await api.get(CoreEvent, ref);
    await api.patch(CoreEvent, ref, { type: 'merge', body: { count: count + 1, lastTimestamp: now } });
  } catch (error) {
    log.debug({ event: ref.name, error: String(error) }, 'event not counted');
  }
}
