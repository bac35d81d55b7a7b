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
  /** When it came; ms since 1970. */
  readonly atMs: number;
  /** A watch that goes on where one of the same has ended: servers end them after some minutes, whatever happens. */
  readonly isTakenUp: boolean;
  readonly code: number;
  /** Of an answer that is an error: what it said. */
  readonly message: string;
}

const WRITES = new Set(['create', 'update', 'patch', 'delete', 'deletecollection']);

/** Whether a request may have changed something. Questions that are posted do not, but for tokens. */
export function isWrite({ verb, resource }: Asked): boolean {
  return WRITES.has(verb) && !resource.endsWith('reviews');
}

/** Reads an audit log as it grows. */
export interface AuditReader {
  /** Requests of ServiceAccounts since it was read last, in the order of their answers; a watch is there from its beginning. */
  read(): readonly Asked[];
}

/** From the beginning of a log. */
export function auditReader(file: string): AuditReader {
  let bytes = 0;
  const ended = new Set<string>();
  return {
    read() {
      const content = readFileSync(file).subarray(bytes);
      // The last line may be half written: it is read the next time.
      const end = content.lastIndexOf('\n') + 1;
      bytes += end;
      const lines = content.subarray(0, end).toString().split('\n');
      const events = lines.flatMap((line) => (line === '' ? [] : [JSON.parse(line) as AuditEvent]));
      return events.flatMap((event) => {
        if (event.verb !== 'watch') return event.stage === 'ResponseComplete' ? [asked(event, false)] : [];
        const watch = watchOf(event);
        if (event.stage === 'ResponseComplete') ended.add(watch.of);
        if (event.stage !== 'ResponseStarted') return [];
        return [asked(event, watch.goesOn && ended.delete(watch.of))];
      });
    },
  };
}

interface AuditEvent {
  readonly stage: string;
  readonly verb: string;
  readonly requestURI: string;
  readonly requestReceivedTimestamp: string;
  readonly user: { readonly username: string };
  readonly objectRef?: { readonly apiGroup?: string; readonly resource?: string; readonly subresource?: string; readonly name?: string };
  readonly responseStatus?: { readonly code?: number; readonly message?: string };
}

/** Whose watch it is and of what, and whether it asks for what changes from a version on. */
function watchOf({ requestURI, user }: AuditEvent): { readonly of: string; readonly goesOn: boolean } {
  const [path, query = ''] = requestURI.split('?');
  const asks = new URLSearchParams(query);
  const goesOn = (asks.get('resourceVersion') ?? '') !== '' && asks.get('sendInitialEvents') !== 'true';
  return { of: [user.username, path, asks.get('fieldSelector'), asks.get('labelSelector')].join(' '), goesOn };
}

function asked({ verb, requestURI, requestReceivedTimestamp, user, objectRef = {}, responseStatus }: AuditEvent, isTakenUp: boolean): Asked {
  const { apiGroup = '', resource = '', subresource, name = '' } = objectRef;
  return {
    user: user.username,
    verb,
    group: apiGroup,
    resource: subresource === undefined ? resource : `${resource}/${subresource}`,
    name,
    path: requestURI,
    atMs: Date.parse(requestReceivedTimestamp),
    isTakenUp,
    code: responseStatus?.code ?? 0,
    message: responseStatus?.message ?? '',
  };
}
