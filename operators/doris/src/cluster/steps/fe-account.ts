import { Secret } from '@binnacle/client/kinds';
import { done, step, waitFor } from '@binnacle/runtime';
import type { Outcome } from '@binnacle/runtime';
import { DorisCluster } from '../../api/doris-cluster.ts';
import { DorisError } from '../../sql/error.ts';
import { frontEnd } from '../../sql/front-end.ts';
import type { Account, Doors } from '../../sql/front-end.ts';
import { showFrontends } from '../../sql/frontends.ts';
import { withMaster } from '../../sql/master.ts';
import { createUser, grantNodeAndAdmin, setPassword } from '../../sql/statements.ts';
import { LOOK_LATER_MS, frontEndService, operatorAccount, patiently } from '../doris.ts';
import { clusterFrom } from '../objects/cluster.ts';
import type { Cluster } from '../objects/cluster.ts';

/** A new cluster's root has no password: it makes the operator's account, and is not used again. */
const ROOT: Account = { user: 'root', password: '' };

/**
 * Makes sure that the operator's account can log in and see members. The images' entry script makes the account as well; where it died in between, nobody could
 * ever register (spec/doris-operator.md §10 #10), so the operator does it too. Every statement may be repeated, by either.
 */
export const feAccount = (doors: Doors) =>
  step('feAccount', DorisCluster, { reads: [Secret] }, async (object, cx) => {
    const cluster = clusterFrom(object);
    if (cluster.spec.fe === undefined) return done;
    const account = await operatorAccount(cluster, cx);
    if ('type' in account) return account;
    return await patiently(async () => {
      if (await works(doors, cluster, account, cx.signal)) return done;
      const made = await makeAccount(doors, cluster, account, cx.signal);
      if (made === done) cx.event('Normal', 'AccountCreated', `created the account ${account.user} in Doris`, 'CreateAccount');
      return made;
    });
  });

async function works(doors: Doors, cluster: Cluster, account: Account, signal: AbortSignal): Promise<boolean> {
  try {
    await using fe = await frontEnd(doors, { ...frontEndService(cluster), account }, signal);
    await showFrontends(fe, signal); // logging in is not enough: an account without its grants sees nothing
    return true;
  } catch (error) {
    if (error instanceof DorisError && error.code === 'denied') return false;
    throw error;
  }
}

async function makeAccount(doors: Doors, cluster: Cluster, account: Account, signal: AbortSignal): Promise<Outcome> {
  try {
    return await withMaster(doors, { ...frontEndService(cluster), account: ROOT }, signal, async ({ fe }) => {
      await fe.query(createUser(account.user, account.password), signal);
      await fe.query(setPassword(account.user, account.password), signal); // an account of an earlier life has an earlier password
      await fe.query(grantNodeAndAdmin(account.user), signal);
      return done;
    });
  } catch (error) {
    if (!(error instanceof DorisError) || error.code !== 'denied') throw error;
    const message = `Doris refuses ${account.user} with the password in the Secret, and root has a password of its own: restore the Secret, or set the password of ${account.user} in Doris`;
    return waitFor('AccountDenied', message, { afterMs: LOOK_LATER_MS });
  }
}
