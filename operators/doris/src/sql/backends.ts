import { z } from 'zod';
import type { FrontEnd, Row } from './front-end.ts';
import { hostPort } from './host-port.ts';
import type { HostPort } from './host-port.ts';
import { count, flag, parsed } from './rows.ts';
import { SHOW_BACKENDS } from './statements.ts';

const BackendRow = z.object({
  BackendId: z.string().nullish(),
  Host: z.string().min(1),
  HeartbeatPort: count,
  Alive: flag,
  SystemDecommissioned: flag,
  TabletNum: count,
  HttpPort: z.string().nullish(),
  NodeRole: z.string().nullish(),
  Version: z.string().nullish(),
  LastStartTime: z.string().nullish(),
  LastHeartbeat: z.string().nullish(),
});

/** A back end or compute node as the cluster sees it. `tablets`: replicas on the node, trash not counted. */
export interface Backend {
  /** By which replicas of tablets name it; `''`: the server has no such column. */
  readonly id: string;
  readonly address: HostPort;
  readonly host: string;
  readonly heartbeatPort: number;
  /** Of its web server; `undefined`: it has not told yet. */
  readonly httpPort: number | undefined;
  readonly alive: boolean;
  readonly decommissioned: boolean;
  readonly tablets: number;
  /** `mix` or `computation`; a server that has no such column knows only the first. */
  readonly role: string;
  readonly version: string | undefined;
  /** As the server writes times; only good for telling one start from another. */
  readonly started: string | undefined;
  /** When it last answered, as the server writes times. */
  readonly lastHeartbeat: string | undefined;
}

/**
 * All back ends the cluster knows, dead ones too, in the server's order. Any front end may be asked.
 * @throws {DorisError} `lost`, `denied`, `unreadable`: a column is missing or not what it was (named in the message).
 *   Source: spec/doris-field-notes.md §3.3: columns by name, unknown ones ignored, Doris 2.0 to 4.x.
 */
export async function showBackends(fe: FrontEnd, signal: AbortSignal): Promise<readonly Backend[]> {
  return backendsFrom(await fe.query(SHOW_BACKENDS, signal));
}

/** The rows of SHOW BACKENDS, read. */
export function backendsFrom(rows: readonly Row[]): readonly Backend[] {
  return parsed(BackendRow, rows, 'SHOW BACKENDS').map((row) => ({
    id: row.BackendId ?? '',
    address: hostPort(row.Host, row.HeartbeatPort),
    host: row.Host,
    heartbeatPort: row.HeartbeatPort,
    httpPort: /^[1-9]\d*$/.test(row.HttpPort ?? '') ? Number(row.HttpPort) : undefined, // -1 before the first heartbeat
    alive: row.Alive,
    decommissioned: row.SystemDecommissioned,
    tablets: row.TabletNum,
    role: row.NodeRole ?? 'mix',
    version: row.Version ?? undefined,
    started: row.LastStartTime ?? undefined,
    lastHeartbeat: row.LastHeartbeat ?? undefined,
  }));
}
