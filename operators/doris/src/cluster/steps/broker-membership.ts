import { Secret, StatefulSet } from '@binnacle/client/kinds';
import { done, step } from '@binnacle/runtime';
import { DorisCluster } from '../../api/doris-cluster.ts';
import { showBrokers } from '../../sql/brokers.ts';
import type { Doors } from '../../sql/front-end.ts';
import { hostPort } from '../../sql/host-port.ts';
import { addBroker, dropBroker } from '../../sql/statements.ts';
import { asMaster } from '../doris.ts';
import { domainOf, labelsOf, namesOf, ordinalOf, podHost, podName } from '../names.ts';
import { clusterFrom, componentOf } from '../objects/cluster.ts';
import { statefulSet } from '../objects/stateful-set.ts';
import { brokerPorts } from '../ports.ts';
import { brokerNode, componentStatus } from '../report.ts';
import { Pod } from '../../pod.ts';

/**
 * Every running broker pod is known to Doris under its own name (`basic_broker_0`, as the entry script has it), and every other broker pod of ours is not.
 * Brokers hold nothing: those beyond the spec are dropped and their pods go in the same pass.
 */
export const brokerMembership = (doors: Doors) =>
  step('brokerMembership', DorisCluster, { owns: [StatefulSet], reads: [Pod, Secret] }, async (object, cx) => {
    const cluster = clusterFrom(object);
    const live = await cx.get(StatefulSet, namesOf(cluster.name, 'broker').statefulSet);
    if (cluster.spec.fe === undefined || (cluster.spec.broker === undefined && live === undefined)) return done;
    return await asMaster(doors, cluster, cx, async ({ fe, frontends }) => {
      const replicas = cluster.spec.broker?.replicas ?? 0;
      const ours = (await showBrokers(fe, cx.signal)).filter((one) => ordinalOf(cluster, 'broker', one.host) !== undefined);
      for (const { name, address, host } of ours) {
        if ((ordinalOf(cluster, 'broker', host) ?? 0) >= replicas) await fe.query(dropBroker(name, address), cx.signal);
      }
      if (cluster.spec.broker === undefined) return done;
      const pods = await cx.list(Pod, { labels: labelsOf(cluster.name, 'broker') });
      cx.status({ broker: componentStatus(cluster, 'broker', { statefulSet: live, pods, nodes: ours.map(brokerNode) }) });
      const { ipc } = brokerPorts(componentOf(cluster, 'broker').config);
      const domain = domainOf(
        cluster,
        frontends.map((one) => one.host),
      );
      for (let ordinal = 0; ordinal < replicas; ordinal += 1) {
        const pod = pods.find((one) => one.metadata.name === podName(cluster.name, 'broker', ordinal));
        if (pod?.status?.phase !== 'Running' || ours.some((one) => ordinalOf(cluster, 'broker', one.host) === ordinal)) continue;
        const address = hostPort(podHost(cluster, 'broker', ordinal, domain), ipc);
        await fe.query(addBroker(pod.metadata.name.replaceAll('-', '_'), address), cx.signal);
        cx.event('Normal', 'BrokerJoined', `added broker ${address}`, 'JoinBroker');
      }
      if ((live?.spec?.replicas ?? 0) > replicas) await cx.apply(StatefulSet, statefulSet(cluster, 'broker', { replicas, leaving: [], live }));
      return done;
    });
  });
