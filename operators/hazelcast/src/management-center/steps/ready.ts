import { Service, StatefulSet } from '@binnacle/client/kinds';
import { step, waitFor } from '@binnacle/runtime';
import { ManagementCenter } from '../../api/management-center.ts';
import { hasAddress } from '../../hazelcast/objects/services.ts';
import { externalAddresses } from '../addresses.ts';
import { selectorOf } from '../names.ts';
import { Route } from '../route.ts';
import { running } from '../running.ts';
import { Pod } from '../../pod.ts';

/** Waits for the pod, and then for its address. */
export const ready = (openShift: boolean) =>
  step('ready', ManagementCenter, { reads: [Pod, Service, StatefulSet, ...(openShift ? [Route] : [])] }, async (mc, cx) => {
    const service = await cx.get(Service, mc.metadata.name);
    const addresses = externalAddresses(mc, service, openShift ? (await cx.get(Route, mc.metadata.name))?.spec?.host : undefined);
    cx.status({ externalAddresses: addresses === '' ? undefined : addresses });
    const outcome = running(await cx.get(StatefulSet, mc.metadata.name), await cx.list(Pod, { labels: selectorOf(mc) }));
    if (outcome.type !== 'done') return outcome;
    cx.status({ configured: mc.spec.securityProvider?.ldap === undefined ? undefined : true });
    const addressed = service !== undefined && hasAddress(service);
    return addressed ? outcome : waitFor('AddressPending', `no external address yet: ${mc.metadata.name}`);
  });
