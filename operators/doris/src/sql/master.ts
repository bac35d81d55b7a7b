import type { Mandate } from '@binnacle/runtime';
import { DorisError } from './error.ts';
import { frontEnd } from './front-end.ts';
import type { Account, Doors, FrontEnd, Row } from './front-end.ts';
import { showFrontends } from './frontends.ts';
import type { Frontend } from './frontends.ts';
import { isQuestion } from './statements.ts';
import type { Statement } from './statements.ts';

/** A connection to the master, and who is in the cluster, as it says. */
export interface Master {
  readonly fe: FrontEnd;
  readonly frontends: readonly Frontend[];
}

/** Where the front ends are reached, and as whom. */
export interface Service {
  readonly host: string;
  readonly port: number;
  readonly account: Account;
}

/**
 * Asks any front end behind `service` who the master is and connects to that one. Whoever opens it closes it.
 * @throws {DorisError} `unreachable` also when there is no master now.
 */
export async function openMaster(doors: Doors, service: Service, mandate: Mandate): Promise<FrontEnd> {
  await using opened = new AsyncDisposableStack();
  const any = opened.use(await frontEnd(doors, service, mandate));
  const frontends = await showFrontends(any, mandate.signal);
  if (frontends.length === 1) {
    opened.move();
    return any;
  }
  const master = frontends.find((one) => one.master && one.alive);
  if (master === undefined) throw new DorisError('unreachable', `${service.host}: no master among ${frontends.length} front ends`);
  return await frontEnd(doors, { host: master.host, port: master.queryPort, account: service.account }, mandate);
}

/** Opens a connection to the master, runs `use` and closes. @throws {DorisError} as openMaster(). */
export async function withMaster<T>(doors: Doors, service: Service, mandate: Mandate, use: (master: Master) => Promise<T>): Promise<T> {
  await using fe = await openMaster(doors, service, mandate);
  return await use({ fe, frontends: await showFrontends(fe, mandate.signal) });
}

/** The same connection; what it was once asked is answered from memory until something is sent that may change it. */
export function remembering(fe: FrontEnd): FrontEnd {
  const answers = new Map<Statement, readonly Row[]>();
  return {
    async query(statement, signal) {
      if (!isQuestion(statement)) {
        answers.clear();
        return await fe.query(statement, signal);
      }
      const rows = answers.get(statement) ?? (await fe.query(statement, signal));
      answers.set(statement, rows);
      return rows;
    },
    [Symbol.asyncDispose]: () => fe[Symbol.asyncDispose](),
  };
}
