import { z } from 'zod';
import type { FrontEnd, Row } from './front-end.ts';
import { hostPort } from './host-port.ts';
import type { HostPort } from './host-port.ts';
import { count, flag, parsed } from './rows.ts';
import { SHOW_FRONTENDS } from './statements.ts';

const FrontendRow = z.object({
  Host: z.string().min(1),
  EditLogPort: count,
  QueryPort: count,
  Role: z.enum(['FOLLOWER', 'OBSERVER', 'UNKNOWN', 'REPLICA']),
  IsMaster: flag,
  Alive: flag,
  Join: flag.nullish(),
  ClusterId: z.string().optional(),
  Version: z.string().nullish(),
  LastStartTime: z.string().nullish(),
  LastHeartbeat: z.string().nullish(),
});

/** A front end as the cluster sees it. `address` is host and edit log port: its identity in statements. */
export interface Frontend {
  readonly address: HostPort;
  readonly host: string;
  readonly editLogPort: number;
  readonly queryPort: number;
  readonly role: 'FOLLOWER' | 'OBSERVER' | 'UNKNOWN' | 'REPLICA';
  readonly master: boolean;
  readonly alive: boolean;
  /** It has been in the group once; a server that has no such column does not tell. */
  readonly joined: boolean;
  readonly clusterId: string | undefined;
  readonly version: string | undefined;
  /** As the server writes times; only good for telling one start from another. */
  readonly started: string | undefined;
  /** When it last answered, as the server writes times. */
  readonly lastHeartbeat: string | undefined;
}

/**
 * All front ends the cluster knows, dead ones too. Any front end may be asked.
 * @throws {DorisError} Source: spec/doris-field-notes.md §3.3: columns by name, unknown ones ignored, Doris 2.0 to 4.x.
 */
export async function showFrontends(fe: FrontEnd, signal: AbortSignal): Promise<readonly Frontend[]> {
  return frontendsFrom(await fe.query(SHOW_FRONTENDS, signal));
}

/** The rows of SHOW FRONTENDS, read. */
export function frontendsFrom(rows: readonly Row[]): readonly Frontend[] {
  return parsed(FrontendRow, rows, 'SHOW FRONTENDS').map((row) => ({
    address: hostPort(row.Host, row.EditLogPort),
    host: row.Host,
    editLogPort: row.EditLogPort,
    queryPort: row.QueryPort,
    role: row.Role,
    master: row.IsMaster,
    alive: row.Alive,
    joined: row.Join ?? true,
    clusterId: row.ClusterId,
    version: row.Version ?? undefined,
    started: row.LastStartTime ?? undefined,
    lastHeartbeat: row.LastHeartbeat ?? undefined,
  }));
}
