/** Where the operator sent something that changes Doris, and what was so then. */
export interface Sent {
  /** A statement, or `POST /path` to a back end's web server. */
  readonly call: string;
  readonly to: { readonly host: string; readonly port: number };
  /** Full host names of front ends that lead, or did a moment ago. */
  readonly leaders: ReadonlySet<string>;
  /** How many front ends Doris lists. */
  readonly frontEnds: number;
}

const SERVICE = 'prod-fe.default.svc.cluster.local';
const QUERY_PORT = 9030;
const WEB_PORT = 8040;
/** The port by which Doris knows a node of that kind, and whose pods such nodes are. */
const KNOWN_BY: Readonly<Record<string, readonly [port: number, pods: RegExp]>> = {
  FOLLOWER: [9010, pods('fe')],
  OBSERVER: [9010, pods('fe')],
  BACKEND: [9050, pods('be', 'cn')],
  BROKER: [8000, pods('broker')],
};

/** Full names of pods, nothing shorter: it is these that Doris remembers. */
function pods(...components: readonly string[]): RegExp {
  return new RegExp(`^prod-(${components.join('|')})-\\d+\\.prod-\\1-peer\\.default\\.svc\\.cluster\\.local$`);
}

/** Kept by each front end for itself (spec/doris-field-notes.md §3.6). */
const OWN = /^(ADMIN SET FRONTEND CONFIG|SET forward_to_master)\b/;

/**
 * Why something was not for whom it was sent to; `undefined`: it was. What changes the cluster goes to the master and nobody else, what each node has for itself to that node, by its full
 * name; the Service will do while there is one front end. Whom a statement is about is a node of that kind.
 */
export function misplaced({ call, to, leaders, frontEnds }: Sent): string | undefined {
  const where = `${to.host}:${to.port}: ${call}`;
  if (call.startsWith('POST ')) return pods('be', 'cn').test(to.host) && to.port === WEB_PORT ? undefined : `${where}: not a back end's web server`;
  const [, kind, host, port] = /\b(FOLLOWER|OBSERVER|BACKEND|BROKER)\b[^"]*"([^":]+):(\d+)"/.exec(call) ?? [];
  if (kind !== undefined) {
    const [known, whose] = KNOWN_BY[kind]!;
    if (!whose.test(host ?? '') || Number(port) !== known) return `${where}: no ${kind} has this address`;
  }
  if (to.port !== QUERY_PORT) return `${where}: not the query port`;
  if (to.host === SERVICE) return frontEnds <= 1 ? undefined : `${where}: any of ${frontEnds} front ends may get it`;
  if (!pods('fe').test(to.host)) return `${where}: not a front end`;
  return OWN.test(call) || leaders.has(to.host) ? undefined : `${where}: not the master, which is ${[...leaders].join(', ')}`;
}
