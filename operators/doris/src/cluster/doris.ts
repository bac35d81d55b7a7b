import type { Live } from '@binnacle/client';
import { Secret } from '@binnacle/client/kinds';
import { waitFor } from '@binnacle/runtime';
import type { Mandate, Outcome } from '@binnacle/runtime';
import { given } from '../given.ts';
import { DorisError, heals } from '../sql/error.ts';
import type { Account, Doors, FrontEnd } from '../sql/front-end.ts';
import { showFrontends } from '../sql/frontends.ts';
import { openMaster, remembering } from '../sql/master.ts';
import type { Master } from '../sql/master.ts';
import { accountIn } from './account.ts';
import { encryptionOf } from './encryption.ts';
import { accountSecretName, namesOf } from './names.ts';
import type { Cluster } from './objects/cluster.ts';
import { frontEndPorts } from './ports.ts';
import { Pod } from '../pod.ts';

/** Until the next look at something in Doris that changes without telling; ms. Only while something is missing. */
export const LOOK_AGAIN_MS = 2_000;
/** The same for what a person has to put right. */
export const LOOK_LATER_MS = 30_000;
/**
 * Between two looks at a cluster that is well; ms. A node may die inside a pod that stays ready, and nothing in Kubernetes tells. Up to a tenth is added or
 * taken away, so that clusters that started together are not asked together for ever.
 */
export const STATUS_INTERVAL_MS = 60_000;

/** The part of a step's context that asking Doris takes. */
export interface Asking extends Mandate {
  get(kind: typeof Secret, name: string): Promise<Live<typeof Secret> | undefined>;
  list(kind: typeof Pod, options: { readonly labels: Readonly<Record<string, string>> }): Promise<readonly Live<typeof Pod>[]>;
  shared<T extends AsyncDisposable>(key: object, open: () => Promise<T>): Promise<T>;
}

/** Where clients reach the front ends. */
export function frontEndService(cluster: Cluster): { readonly host: string; readonly port: number } {
  const { service } = namesOf(cluster.name, 'fe');
  return { host: `${service}.${cluster.namespace}.svc.cluster.local`, port: frontEndPorts(cluster.spec.fe?.config).query };
}

/**
 * The operator's account and how it speaks to front ends, or what is wrong with a Secret. A pass has one account, as it has one connection: what was asked as one
 * must not be taken for an answer to another. A Secret that changes meanwhile has the next pass.
 */
export async function operatorAccount(cluster: Cluster, cx: Asking): Promise<Account | Outcome> {
  const name = accountSecretName(cluster.name);
  const pass = await cx.shared(ACCOUNT, noAccount);
  const secret = pass.account === undefined ? await cx.get(Secret, name) : undefined;
  const account = (pass.account ??= secret === undefined ? undefined : accountIn(secret));
  const tls = await encryptionOf(cluster, cx);
  if (tls !== undefined && 'type' in tls) return tls;
  if (account !== undefined) return { ...account, ...given({ tls }) };
  return waitFor('AccountMissing', `Secret ${name} must have the keys user and password`, { afterMs: LOOK_LATER_MS });
}

/** What the steps of a pass share. */
const ACCOUNT = {};
const noAccount = async () => await Promise.resolve({ account: undefined as Account | undefined, [Symbol.asyncDispose]: () => Promise.resolve() });

/**
 * Runs `use` on a connection of the operator's account to the master. A pass has one connection, and asks nothing twice unless it changed something. What
 * Doris does not do becomes a wait with its reason; an answer nobody understands is thrown.
 */
export async function asMaster(doors: Doors, cluster: Cluster, cx: Asking, use: (master: Master) => Promise<Outcome>): Promise<Outcome> {
  const account = await operatorAccount(cluster, cx);
  if ('type' in account) return account;
  return await patiently(async () => {
    const fe = await theMaster(doors, cluster, account, cx);
    return await use({ fe, frontends: await showFrontends(fe, cx.signal) });
  });
}

/** The pass's connection to the master. @throws {DorisError} */
export async function theMaster(doors: Doors, cluster: Cluster, account: Account, cx: Asking): Promise<FrontEnd> {
  return await cx.shared(doors, async () => remembering(await openMaster(doors, { ...frontEndService(cluster), account }, cx)));
}

/** What Doris does not do now becomes a wait. */
export async function patiently(run: () => Promise<Outcome>): Promise<Outcome> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof DorisError)) throw error;
    if (heals[error.code]) return waitFor('FrontEndUnreachable', error.message, { afterMs: LOOK_AGAIN_MS });
    switch (error.code) {
      case 'denied':
        return waitFor('AccessDenied', error.message, { afterMs: LOOK_LATER_MS });
      case 'refused':
        return waitFor('StatementRefused', error.message, { afterMs: LOOK_LATER_MS });
      default:
        throw error;
    }
  }
}
