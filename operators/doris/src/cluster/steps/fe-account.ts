import { conditionOf } from '@binnacle/client';
import { Secret } from '@binnacle/client/kinds';
import { done, step, waitFor } from '@binnacle/runtime';
import type { Context, Outcome } from '@binnacle/runtime';
import { jsonEqual } from '@binnacle/schema';
import { DorisCluster } from '../../api/doris-cluster.ts';
import { given } from '../../given.ts';
import { DorisError } from '../../sql/error.ts';
import type { Account, Doors } from '../../sql/front-end.ts';
import { showFrontends } from '../../sql/frontends.ts';
import { withMaster } from '../../sql/master.ts';
import { alterUser, createUser, grantNodeAndAdmin } from '../../sql/statements.ts';
import { LOOK_LATER_MS, frontEndService, operatorAccount, patiently, theMaster } from '../doris.ts';
import { appliedSecret, appliedSecretName, beforeTold, candidates, emptySecret, isSameAccount, onceTaken, rememberedIn } from '../account.ts';
import type { Remembered } from '../account.ts';
import { accountSecretName, labelsOf } from '../names.ts';
import { clusterFrom } from '../objects/cluster.ts';
import type { Cluster } from '../objects/cluster.ts';
import { isReady } from '../report.ts';
import { Pod } from '../../pod.ts';

/** A new cluster's root has no password: it makes the operator's account, and is not used again. */
const ROOT: Account = { user: 'root', password: '' };

type Cx = Context<typeof DorisCluster, typeof Secret, typeof Pod>;

/**
 * Makes sure that the operator's account can log in and see members. The images' entry script makes the account as well; where it died in between, nobody could
 * ever register (spec/doris-operator.md §10 #10), so the operator does it too. Every statement may be repeated, by either.
 */
export const feAccount = (doors: Doors) =>
  step('feAccount', DorisCluster, { owns: [Secret], reads: [Pod] }, async (object, cx) => {
    const cluster = clusterFrom(object);
    if (cluster.spec.fe === undefined) return done;
    const account = await operatorAccount(cluster, cx);
    if ('type' in account) return account;
    return await patiently(async () => {
      // The old account first: once it is root's turn, the cluster must be a new one.
      if (await follow(doors, cluster, account, cx)) return done;
      const root = { ...ROOT, ...given({ tls: account.tls }) };
      if (!(await makeAccount(doors, cluster, root, account, cx))) return denied(cluster, account);
      cx.event('Normal', 'AccountCreated', `created the account ${account.user} in Doris`, 'CreateAccount');
      await remember(cluster, account, cx);
      return done;
    });
  });

/**
 * Follows a Secret of the account that has changed: before all else, since a later step may wait for days, or stop at something in the spec. Holds up nobody: what
 * is in its way feAccount tells.
 */
export const rotation = (doors: Doors) =>
  step(
    'rotation',
    DorisCluster,
    { owns: [Secret], reads: [Pod] },
    async (object, cx) => {
      const cluster = clusterFrom(object);
      if (cluster.spec.fe === undefined) return done;
      const { works, tried } = await known(cluster, cx);
      if (works === undefined) return done;
      const account = await operatorAccount(cluster, cx);
      // Where a spec is refused no later step logs in, and an earlier password may have come late.
      const isShutOut = conditionOf(object, 'Degraded')?.reason === 'AccessDenied';
      if ('type' in account || (isSameAccount(works, account) && tried.length === 0 && !isShutOut)) return done;
      if (!(await cx.list(Pod, { labels: labelsOf(cluster.name, 'fe') })).some(isReady)) return done;
      await patiently(async () => {
        await follow(doors, cluster, account, cx);
        return done;
      });
      return done;
    },
    { whileInvalid: true },
  );

/** Whether Doris takes the account, after it was told to where an earlier one still lets in (spec/doris-field-notes.md §2.9). */
async function follow(doors: Doors, cluster: Cluster, account: Account, cx: Cx): Promise<boolean> {
  if (await works(doors, cluster, account, cx)) {
    await remember(cluster, account, cx);
    return true;
  }
  for (const as of candidates(await known(cluster, cx))) {
    if (isSameAccount(as, account)) continue;
    if (!(await makeAccount(doors, cluster, { ...as, ...given({ tls: account.tls }) }, account, cx))) continue;
    cx.event('Normal', 'PasswordRotated', `Doris has the password that the Secret has for ${account.user}`, 'Rotate');
    await remember(cluster, account, cx);
    return true;
  }
  return false;
}

const known = async (cluster: Cluster, cx: Cx): Promise<Remembered> => rememberedIn(await cx.get(Secret, appliedSecretName(cluster.name)));

/**
 * Writes down what is known from now on. Only over the list that it was made from: one that was written before another and arrives after it would take away what the
 * other has, and Doris may have that.
 */
async function keep(cluster: Cluster, change: (before: Remembered) => Remembered, cx: Cx): Promise<void> {
  const since = await cx.ensure(Secret, appliedSecretName(cluster.name), () => emptySecret(cluster.name), { owner: 'none' });
  const now = appliedSecret(cluster.name, change(rememberedIn(since)));
  if (!jsonEqual(since.data ?? {}, now.data)) await cx.apply(Secret, now, { owner: 'none', since });
}

async function remember(cluster: Cluster, account: Account, cx: Cx): Promise<void> {
  await keep(cluster, (before) => onceTaken(before, account), cx);
}

async function works(doors: Doors, cluster: Cluster, account: Account, cx: Cx): Promise<boolean> {
  try {
    await showFrontends(await theMaster(doors, cluster, account, cx), cx.signal); // logging in is not enough: an account without its grants sees nothing
    return true;
  } catch (error) {
    if (error instanceof DorisError && error.code === 'denied') return false;
    throw error;
  }
}

/**
 * Makes `account` what it is to be, logged in as somebody else; false when that one may not log in. What Doris is told is remembered before: its answer may be lost,
 * and the Secret may have changed again by the next pass, so that one of the two would be known to nobody.
 */
async function makeAccount(doors: Doors, cluster: Cluster, as: Account, account: Account, cx: Cx): Promise<boolean> {
  const { signal } = cx;
  try {
    return await withMaster(doors, { ...frontEndService(cluster), account: as }, cx, async ({ fe }) => {
      await keep(cluster, (before) => beforeTold(before, as, account), cx);
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

const denied = (cluster: Cluster, account: Account): Outcome =>
  waitFor(
    'AccountDenied',
    `Doris refuses ${account.user} with the password in Secret ${accountSecretName(cluster.name)} and with all that it was told before, and root has a password of its own: put the password that Doris has into the Secret, or as an administrator ALTER USER '${account.user}' IDENTIFIED BY the password in the Secret`,
    { afterMs: LOOK_LATER_MS },
  );
