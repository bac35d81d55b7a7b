import type { Served } from '../catalog/served.ts';
import type { Call } from '../http/call.ts';
import type { ResourceRequest } from '../http/request-info.ts';
import type { ApiObject } from '../object.ts';
import { checkListQuery, listRevision } from '../crud/revision.ts';
import { fieldTerms, parseFieldSelector } from './field-selector.ts';
import { parseLabelSelector } from './label-selector.ts';

/** Which objects of a kind a request is about. */
export interface Selection {
  /** What their keys start with. */
  readonly prefix: string;
  /** Whether there are selectors at all. */
  readonly selective: boolean;
  /** Looks at the object as it is stored. */
  matches(object: ApiObject): boolean;
}

/**
 * The revision that a list names. Selectors that cannot be read are told before it, fields that the kind does not have after it.
 * Source: apiserver, pkg/endpoints/handlers/get.go, `ListResource`.
 * @throws {Refusal} 400, 422
 */
export function listOptions(call: Pick<Call, 'query'>): number | undefined {
  checkListOptions(call);
  return listRevision(call.query);
}

/** As `listOptions`, of all but whether the revision is one. @throws {Refusal} 400, 422 */
export function checkListOptions({ query }: Pick<Call, 'query'>): void {
  parseLabelSelector(query.get('labelSelector') ?? '');
  fieldTerms(query.get('fieldSelector') ?? '');
  checkListQuery(query);
}

/** @throws {Refusal} 400 for a selector that cannot be read. */
export function selection(served: Served, info: ResourceRequest, call: Pick<Call, 'query'>): Selection {
  const prefix = info.namespace === undefined ? '' : `${info.namespace}/`;
  const labels = parseLabelSelector(call.query.get('labelSelector') ?? '');
  const fields = parseFieldSelector(call.query.get('fieldSelector') ?? '', served.bucket, served.custom?.selectable);
  return {
    prefix,
    selective: labels !== undefined || !fields.empty,
    matches: (object) => (labels === undefined || labels(object.metadata.labels ?? {})) && (fields.empty || fields.matches(object)),
  };
}
