import type { Refusal } from '../../refusal.ts';
import type { Served } from '../catalog/served.ts';
import type { Core } from '../core/core.ts';
import type { Form } from '../http/accept.ts';
import { partialMetadata } from '../http/partial-metadata.ts';
import { groupVersion, withMetadata } from '../object.ts';
import type { ApiObject } from '../object.ts';
import type { Change, Entry } from '../store/store.ts';
import { tableOf } from '../tables/table.ts';
import type { TableOptions } from '../tables/table.ts';

export type EventType = 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';

const encoder = new TextEncoder();
const lineOf = (type: EventType, json: string) => encoder.encode(`{"type":"${type}","object":${json}}\n`);

/** One event of a watch: as it is, and as a line, which is written when somebody reads it. */
export interface Told {
  readonly value: { readonly type: EventType; readonly object: unknown };
  line(): Uint8Array;
}

const told = (type: EventType, object: unknown): Told => ({ value: { type, object }, line: () => lineOf(type, JSON.stringify(object)) });

/** Makes the events of one watch. */
export interface Lines {
  event(type: EventType, object: ApiObject): Told;
  bookmark(revision: number, initialEventsEnd: boolean): Told;
}

export function watchLines(core: Core, served: Served, form: Form, table: TableOptions): Lines {
  let columns = table.columns;
  return {
    event(type, object) {
      if (form.as === 'table') {
        const metadata = { resourceVersion: object.metadata.resourceVersion };
        const event = told(type, tableOf(core, served, [object], { ...table, columns }, metadata));
        columns = false;
        return event;
      }
      if (form.as !== 'object') return told(type, partialMetadata(object));
      return { value: { type, object }, line: () => core.texts.line(type, object, () => lineOf(type, core.texts.json(object))) };
    },
    bookmark(revision, initialEventsEnd) {
      const metadata = {
        resourceVersion: String(revision),
        creationTimestamp: null,
        ...(initialEventsEnd ? { annotations: { 'k8s.io/initial-events-end': 'true' } } : {}),
      };
      const head =
        form.as === 'table'
          ? { kind: 'Table', apiVersion: 'meta.k8s.io/v1', columnDefinitions: null, rows: [] }
          : form.as !== 'object'
            ? { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1' }
            : { kind: served.kind, apiVersion: groupVersion(served) };
      return told('BOOKMARK', { ...head, metadata });
    },
  };
}

/** The event that ends a watch that cannot go on: an answer 200 all the same (spec/sandbox.md §2.4). */
export function failedLine({ status: { kind, apiVersion, ...rest } }: Refusal): Told {
  return told('ERROR', { kind, apiVersion, metadata: {}, ...rest });
}

const leaving = new WeakMap<Change, Entry>();

/** What is shown of an object that has left a selection: as it was when last selected, under the new revision. */
export function leavingEntry(change: Change): Entry {
  const known = leaving.get(change);
  if (known !== undefined) return known;
  const { revision } = change.now;
  const made: Entry = { key: change.key, object: withMetadata(change.before!.object, { resourceVersion: String(revision) }), revision, isNew: false };
  leaving.set(change, made);
  return made;
}
