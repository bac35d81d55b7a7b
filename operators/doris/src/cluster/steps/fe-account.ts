import { Secret } from '@binnacle/client/kinds';
import { done, step, waitFor } from '@binnacle/runtime';
import type { Outcome } from '@binnacle/runtime';
import { DorisCluster } from '../../api/doris-cluster.ts';
import { given } from '../../given.ts';
import { DorisError } from '../../sql/error.ts';
import type { Account, Doors } from '../../sql/front-end.ts';
import { showFrontends } from '../../sql/frontends.ts';
import { withMaster } from '../../sql/master.ts';
import { alterUser, createUser, grantNodeAndAdmin } from '../../sql/statements.ts';
import { LOOK_LATER_MS, frontEndService, operatorAccount, patiently, theMaster } from '../doris.ts';
import type { Asking } from '../doris.ts';
import { accountIn, appliedSecret, appliedSecretName } from '../account.ts';
import { clusterFrom } from '../objects/cluster.ts';
import type { Cluster } from '../objects/cluster.ts';
import { Pod } from '../../pod.ts';

/** A new cluster's root has no password: it makes the operator's account, and is not used again. */
const ROOT: Account = { user: 'root', password: '' };

/**
 * Makes sure that the operator's account can log in and see members. The images' entry script makes the account as well; where it died in between, nobody could
 * ever register (spec/doris-operator.md §10 #10), so the operator does it too. Every statement may be repeated, by either. A Secret that has changed is followed:
 * what worked last is remembered in a Secret of its own, and changes the password in Doris (spec/doris-field-notes.md §2.9).
 */
export const feAccount = (doors: Doors) =>
  step('feAccount', DorisCluster, { owns: [Secret], reads: [Pod] }, async (object, cx) => {
    const cluster = clusterFrom(object);
    if (cluster.spec.fe === undefined) return done;
    const account = await operatorAccount(cluster, cx);
    if ('type' in account) return account;
    const tls = given({ tls: account.tls });
    const appliedName = appliedSecretName(cluster.name);
    return await patiently(async () => {
      if (!(await works(doors, cluster, account, cx))) {
        const applied = await cx.get(Secret, appliedName);
        const before = applied === undefined ? undefined : accountIn(applied);
        const rotates = before !== undefined && (before.user !== account.user || before.password !== account.password);
        // The old account first: once it is root's turn, the cluster must be a new one.
        const rotated = rotates && (await makeAccount(doors, cluster, { ...before, ...tls }, account, cx.signal));
        if (!rotated && !(await makeAccount(doors, cluster, { ...ROOT, ...tls }, account, cx.signal))) return denied(account);
        if (rotated) cx.event('Normal', 'PasswordRotated', `Doris has the password that the Secret has for ${account.user}`, 'Rotate');
        else cx.event('Normal', 'AccountCreated', `created the account ${account.user} in Doris`, 'CreateAccount');
      }
      await cx.apply(Secret, appliedSecret(cluster.name, account), { owner: 'none' });
      return done;
    });
  });

async function works(doors: Doors, cluster: Cluster, account: Account, cx: Asking): Promise<boolean> {
  try {
    await showFrontends(await theMaster(doors, cluster, account, cx), cx.signal); // logging in is not enough: an account without its grants sees nothing
    return true;
  } catch (error) {
    if (error instanceof DorisError && error.code === 'denied') return false;
    throw error;
  }
}

/** Makes `account` what it is to be, logged in as somebody else; false when that one may not log in. */
async function makeAccount(doors: Doors, cluster: Cluster, as: Account, account: Account, signal: AbortSignal): Promise<boolean> {
  try {
    return await withMaster(doors, { ...frontEndService(cluster), account: as }, signal, async ({ fe }) => {
      await fe.query(createUser(account.user, account.password), signal);
      await fe.query(alterUser(account.user, account.password), signal); // an account of an earlier life has an earlier password
      // Whoever only gets a new password has its rights; its own password may already be another, and it would have to log in again.
      if (as.user !== account.user) await fe.query(grantNodeAndAdmin(account.user), signal);
      return true;
    });
  } catch (error) {
    if (error instanceof DorisError && error.code === 'denied') return false;
    throw error;
  }
}

const denied = (account: Account): Outcome =>
  waitFor(
    'AccountDenied',
    `Doris refuses ${account.user} with the password in the Secret, and root has a password of its own: restore the Secret, or set the password of ${account.user} in Doris`,
    { afterMs: LOOK_LATER_MS },
  );
