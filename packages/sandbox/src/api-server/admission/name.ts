import type { ApiObject } from '../object.ts';

/** How admission names an object, whose name may not be made yet. Source: apiserver, pkg/admission/errors.go, `extractResourceName`. */
export function nameOf({ metadata: { name = '', generateName = '' } }: ApiObject): string {
  return name || generateName || 'Unknown';
}
