import { parseFieldSelector } from '../select/field-selector.ts';
import type { Call } from '../http/call.ts';
import type { RequestInfo } from '../http/request-info.ts';

/** What somebody wants to do, as rules see it. */
export type Attributes =
  | { readonly verb: string; readonly path: string }
  | {
      readonly verb: string;
      readonly group: string;
      readonly plural: string;
      readonly subresource: string;
      /** `''`: no single object. */
      readonly name: string;
      /** `''`: the whole cluster. */
      readonly namespace: string;
    };

/** What a request wants to do. A list or watch of one name counts as being about that name (spec/sandbox.md §2.20). */
export function attributesOf(call: Pick<Call, 'query'>, info: RequestInfo): Attributes {
  if (!info.resource) return { verb: info.verb, path: info.path };
  const { verb, group, plural, subresource = '', namespace } = info;
  const inNamespace = namespace ?? (plural === 'namespaces' && group === '' ? (info.name ?? '') : '');
  return { verb, group, plural, subresource, name: info.name ?? selectedName(call), namespace: inNamespace };
}

function selectedName(call: Pick<Call, 'query'>): string {
  try {
    return (
      parseFieldSelector(
        (call.query.get('fieldSelector') ?? '')
          .split(',')
          .filter((term) => term.startsWith('metadata.name'))
          .join(','),
        '',
      ).name ?? ''
    );
  } catch {
    // What is wrong with the selector is said by whoever answers the request.
    return '';
  }
}
