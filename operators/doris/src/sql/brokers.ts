import { z } from 'zod';
import type { FrontEnd, Row } from './front-end.ts';
import { hostPort } from './host-port.ts';
import type { HostPort } from './host-port.ts';
import { count, flag, parsed } from './rows.ts';
import { SHOW_BROKER } from './statements.ts';

const BrokerRow = z.object({ Name: z.string().min(1), Host: z.string().min(1), Port: count, Alive: flag, LastStartTime: z.string().nullish() });

/** A broker as the cluster sees it. */
export interface Broker {
  readonly name: string;
  readonly address: HostPort;
  readonly host: string;
  readonly port: number;
  readonly alive: boolean;
  /** As the server writes times; only good for telling one start from another. */
  readonly started: string | undefined;
}

/** All brokers the cluster knows. @throws {DorisError} */
export async function showBrokers(fe: FrontEnd, signal: AbortSignal): Promise<readonly Broker[]> {
  return brokersFrom(await fe.query(SHOW_BROKER, signal));
}

/** The rows of SHOW BROKER, read. */
export function brokersFrom(rows: readonly Row[]): readonly Broker[] {
  return parsed(BrokerRow, rows, 'SHOW BROKER').map((row) => ({
    name: row.Name,
    address: hostPort(row.Host, row.Port),
    host: row.Host,
    port: row.Port,
    alive: row.Alive,
    started: row.LastStartTime ?? undefined,
  }));
}
