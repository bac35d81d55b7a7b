import { Node, Pod } from '@binnacle/client/kinds';
import type { World } from '@binnacle/testing';
import { AT, prod } from './cluster-world.ts';

/** Makes the last of three front ends lead: it alone has the newest journal when the first one comes back. */
export const lastLeads = (w: World): Promise<void> => leads(w, 2);

/** Makes the second of three front ends lead. */
export const secondLeads = (w: World): Promise<void> => leads(w, 1);

async function leads(w: World, wanted: 1 | 2): Promise<void> {
  const [node] = (await w.api.list(Node)).items;
  const schedulable = (yes: boolean) => w.api.patch(Node, { name: node!.metadata.name }, { type: 'merge', body: { spec: { unschedulable: !yes } } });
  const leave = (ordinal: number) => w.api.delete(Pod, { namespace: AT.namespace, name: `prod-fe-${ordinal}` });
  /** Leads, and with a majority: nobody else is asked anything before. */
  const isLed = async (ordinal: number) => {
    const all = await prod(w)
      .frontends()
      .catch(() => []); // nobody leads yet
    return all.filter((one) => one.alive).length >= 2 && all.find((one) => one.master)?.host.startsWith(`prod-fe-${ordinal}.`) === true;
  };
  await schedulable(false);
  await leave(0);
  await w.clock.until(() => isLed(1));
  await prod(w).sql('CREATE DATABASE later');
  if (wanted === 2) await leave(1);
  await schedulable(true);
  await w.clock.until(() => isLed(wanted));
  await prod(w).ready();
}
