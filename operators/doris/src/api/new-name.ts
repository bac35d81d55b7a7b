import { invalid, tooLong } from '@binnacle/schema';
import type { FieldError } from '@binnacle/schema';

/** Pods carry their set's name with a dash and a revision of ten characters in one label, which holds 63; bytes. */
const SET_NAME_MOST = 52;
/** A Job's name is a label of its pods; bytes. Source: kubernetes.io/docs, Jobs. */
const JOB_NAME_MOST = 63;

/**
 * A name with which no Service or pod could be made: `parts` follow it after a dash in the names of StatefulSets and Services. Only of a new object: a revision may be
 * shorter, so an old one may have pods.
 */
export function* newSetNameFaults(name: string, parts: readonly string[]): Generator<FieldError> {
  if (parts.length === 0) return;
  if (name.includes('.')) yield invalid('metadata.name', name, 'must not contain dots: names of Services begin with it, and they are labels');
  const most = SET_NAME_MOST - Math.max(...parts.map(({ length }) => length)) - 1;
  if (name.length > most) yield tooLong('metadata.name', most);
}

/** A name with which no Job could be made, `part` following it after a dash. */
export function* newJobNameFaults(name: string, part: string): Generator<FieldError> {
  const most = JOB_NAME_MOST - part.length - 1;
  if (name.length > most) yield tooLong('metadata.name', most);
}
