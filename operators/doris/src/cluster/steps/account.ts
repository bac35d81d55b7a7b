import { Secret } from '@binnacle/client/kinds';
import { done, step } from '@binnacle/runtime';
import { DorisCluster } from '../../api/doris-cluster.ts';
import { OPERATOR_USER } from '../account.ts';
import { accountSecretName, labelsOf } from '../names.ts';
import { clusterFrom } from '../objects/cluster.ts';
import { newPassword } from '../password.ts';

/**
 * The Secret with the operator's SQL account: born once, never written again, and without an owner. The password is in the front ends' volumes too, which
 * outlive the cluster as well; a new one would lock the operator and every entry script out (spec/doris-operator.md §2.2).
 */
export const account = step('account', DorisCluster, { owns: [Secret] }, async (object, cx) => {
  const cluster = clusterFrom(object);
  const name = accountSecretName(cluster.name);
  const encoded = (text: string) => Buffer.from(text).toString('base64');
  await cx.ensure(
    Secret,
    name,
    () => ({ name, labels: labelsOf(cluster.name, ''), type: 'Opaque', data: { user: encoded(OPERATOR_USER), password: encoded(newPassword()) } }),
    { owner: 'none' },
  );
  return done;
});
