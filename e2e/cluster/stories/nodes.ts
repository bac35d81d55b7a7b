import { systemClock, tcpNetwork } from '@binnacle/client';
import { Pod, Secret } from '@binnacle/client/kinds';
import { DorisCluster } from '@binnacle/doris';
import { alone } from '@binnacle/runtime';
import { accountSecretName } from '../../../operators/doris/src/cluster/names.ts';
import { showBackends } from '../../../operators/doris/src/sql/backends.ts';
import { frontEnd } from '../../../operators/doris/src/sql/front-end.ts';
import type { Account, FrontEnd } from '../../../operators/doris/src/sql/front-end.ts';
import { eventually } from '../../eventually.ts';
import type { World } from '../story.ts';

export const NAMESPACE = 'doris';
export const NAME = 'prod';
export const AT = { namespace: NAMESPACE, name: NAME };

const IMAGES = 'ghcr.io/linsoss/doris-';

/** How many nodes of which version. */
interface Size {
  readonly fe?: number;
  readonly be: number;
  readonly version?: string;
}

function doris({ fe = 1, be, version = '2.0.3' }: Size) {
  const part = (name: string, replicas: number, storage?: string) => ({
    baseImage: `${IMAGES}${name}`,
    replicas,
    requests: { cpu: '20m', memory: '64Mi', ...(storage === undefined ? {} : { storage }) },
  });
  const spec = { version, fe: part('fe', fe, '1Gi'), be: part('be', be, '1Gi') };
  return { apiVersion: 'al-assad.github.io/v1beta1', kind: 'DorisCluster', metadata: AT, spec };
}

/** Applies it and waits until the CR is Ready for that spec. */
export async function sized(world: World, size: Size): Promise<void> {
  await world.apply(doris(size));
  const { metadata } = await world.api.get(DorisCluster, AT);
  await eventually(
    `Ready with ${JSON.stringify(size)}`,
    async () => {
      const { status } = await world.api.get(DorisCluster, AT);
      const condition = status?.conditions?.find(({ type }) => type === 'Ready');
      if (condition?.status === 'True' && status?.observedGeneration === metadata.generation) return true;
      throw new Error(`${condition?.reason}: ${condition?.message}`);
    },
    400_000,
  );
}

/** What Doris itself lists, asked with the operator's account. */
export async function backends(world: World) {
  return await asked(world, await account(world), showBackends);
}

/** The operator's own account. */
export async function account({ api }: World): Promise<Account> {
  const { data = {} } = await api.get(Secret, { namespace: NAMESPACE, name: accountSecretName(NAME) });
  const value = (key: string) => Buffer.from(data[key] ?? '', 'base64').toString();
  return { user: value('user'), password: value('password') };
}

/** What a front end answers to who has this account. */
export async function asked<T>({ api }: World, as: Account, ask: (fe: FrontEnd, signal: AbortSignal) => Promise<T>, pod = `${NAME}-fe-0`): Promise<T> {
  const { status } = await api.get(Pod, { namespace: NAMESPACE, name: pod });
  const signal = AbortSignal.timeout(20_000);
  await using fe = await frontEnd({ network: tcpNetwork(), clock: systemClock() }, { host: status?.podIP ?? '', port: 9030, account: as }, alone(signal));
  return await ask(fe, signal);
}
