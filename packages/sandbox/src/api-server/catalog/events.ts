import type { ApiObject } from '../object.ts';
import { without } from '../object.ts';
import type { Conversion } from './served.ts';

/** Names of one field in `events.k8s.io/v1` and in `v1`, where they differ. */
const RENAMED: readonly (readonly [fresh: string, core: string])[] = [
  ['note', 'message'],
  ['regarding', 'involvedObject'],
  ['deprecatedSource', 'source'],
  ['deprecatedFirstTimestamp', 'firstTimestamp'],
  ['deprecatedLastTimestamp', 'lastTimestamp'],
  ['deprecatedCount', 'count'],
  ['reportingController', 'reportingComponent'],
];

/** Events in the two shapes that Kubernetes serves them in; they are stored as `v1`. */
export const eventConversion: Conversion = {
  toStored: (event) => rename({ ...event, apiVersion: 'v1' }, RENAMED),
  fromStored: (event) =>
    rename(
      { ...event, apiVersion: 'events.k8s.io/v1' },
      RENAMED.map(([fresh, core]) => [core, fresh]),
    ),
};

function rename(event: ApiObject, names: readonly (readonly [from: string, to: string])[]): ApiObject {
  const renamed = Object.fromEntries(names.flatMap(([from, to]) => (event[from] === undefined ? [] : [[to, event[from]]])));
  return { ...without(event, ...names.map(([from]) => from)), ...renamed };
}
