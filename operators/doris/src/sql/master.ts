import { DorisError } from './error.ts';
import { frontEnd } from './front-end.ts';
import type { Account, Doors, FrontEnd } from './front-end.ts';
import { showFrontends } from './frontends.ts';
import type { Frontend } from './frontends.ts';

/** A connection to the master, and who is in the cluster, as it says. */
export interface Master {
  readonly fe: FrontEnd;
  readonly frontends: readonly Frontend[];
}

/**
 * Asks any front end behind `service` who the master is, connects to that one, runs `use` and closes.
 * @throws {DorisError} `unreachable` also when there is no master now.
 */
export async function withMaster<T>(
  doors: Doors,
  service: { readonly host: string; readonly port: number; readonly account: Account },
  signal: AbortSignal,
  use: (master: Master) => Promise<T>,
): Promise<T> {
  await using any = await frontEnd(doors, service, signal);
  const frontends = await showFrontends(any, signal);
  if (frontends.length === 1) return await use({ fe: any, frontends });
  const master = frontends.find((one) => one.master && one.alive);
  if (master === undefined) throw new DorisError('unreachable', `${service.host}: no master among ${frontends.length} front ends`);
  await using fe = await frontEnd(doors, { host: master.host, port: master.queryPort, account: service.account }, signal);
  return await use({ fe, frontends: await showFrontends(fe, signal) });
}
