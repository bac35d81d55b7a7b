import { readFileSync } from 'node:fs';
import { stringify } from 'yaml';

/** Every request of a ServiceAccount, when it is answered, without bodies. */
export const auditPolicy: string = stringify({
  apiVersion: 'audit.k8s.io/v1',
  kind: 'Policy',
  omitStages: ['RequestReceived'],
  rules: [{ level: 'Metadata', userGroups: ['system:serviceaccounts:binnacle-system'] }],
});

/** One request as the API server saw it. */
export interface Asked {
  readonly user: string;
  readonly verb: string;
  /** `''`: the core group. */
  readonly group: string;
  /** With its subresource: `pods/log`. Empty for paths that are no resource. */
  readonly resource: string;
  readonly name: string;
  readonly path: string;
  readonly code: number;
  /** Of an answer that is an error: what it said. */
  readonly message: string;
}

const WRITES = new Set(['create', 'update', 'patch', 'delete', 'deletecollection']);

/** Whether a request may have changed something. Questions that are posted do not, but for tokens. */
export function isWrite({ verb, resource }: Asked): boolean {
  return WRITES.has(verb) && !resource.endsWith('reviews');
}

/**
 * Requests of ServiceAccounts so far, in the order of their answers; a watch is there from its beginning. `skip`: so many bytes were read before.
 * The last line may be half written: it is read the next time.
 */
export function readAudit(file: string, skip = 0): { readonly asked: readonly Asked[]; readonly bytes: number } {
  const content = readFileSync(file).subarray(skip);
  const end = content.lastIndexOf('\n') + 1;
  const events = content
    .subarray(0, end)
    .toString()
    .split('\n')
    .flatMap((line) => (line === '' ? [] : [JSON.parse(line) as AuditEvent]));
  return { asked: events.filter(({ verb, stage }) => stage === (verb === 'watch' ? 'ResponseStarted' : 'ResponseComplete')).map(asked), bytes: skip + end };
}

interface AuditEvent {
  readonly stage: string;
  readonly verb: string;
  readonly requestURI: string;
  readonly user: { readonly username: string };
  readonly objectRef?: { readonly apiGroup?: string; readonly resource?: string; readonly subresource?: string; readonly name?: string };
  readonly responseStatus?: { readonly code?: number; readonly message?: string };
}

function asked({ verb, requestURI, user, objectRef = {}, responseStatus }: AuditEvent): Asked {
  const { apiGroup = '', resource = '', subresource, name = '' } = objectRef;
  return {
    user: user.username,
    verb,
    group: apiGroup,
    resource: subresource === undefined ? resource : `${resource}/${subresource}`,
    name,
    path: requestURI,
    code: responseStatus?.code ?? 0,
    message: responseStatus?.message ?? '',
  };
}
