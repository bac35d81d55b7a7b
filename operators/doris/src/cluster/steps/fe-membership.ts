import { ConfigMap, PersistentVolumeClaim, Secret, StatefulSet } from '@binnacle/client/kinds';
import { done, step, stop, waitFor } from '@binnacle/runtime';
import { DorisCluster } from '../../api/doris-cluster.ts';
import type { Status } from '../../api/status.ts';
import type { Doors } from '../../sql/front-end.ts';
import type { Frontend } from '../../sql/frontends.ts';
import { hostPort } from '../../sql/host-port.ts';
import { addFollower, addObserver } from '../../sql/statements.ts';
import { LOOK_AGAIN_MS, asMaster } from '../doris.ts';
import { claimAs, isDropped, metaClaimName } from '../claim.ts';
import { domainOf, labelsOf, namesOf, ordinalOf, podHost, podName } from '../names.ts';
import { bornAs, bornName, bornRecord } from '../objects/born.ts';
import { clusterFrom, componentOf, followersOf } from '../objects/cluster.ts';
import type { Cluster } from '../objects/cluster.ts';
import { statefulSet } from '../objects/stateful-set.ts';
import { frontEndPorts } from '../ports.ts';
import { componentStatus, frontEndNode } from '../report.ts';
import { Pod } from '../../pod.ts';

/**
 * Joins front ends to the group: one a pass, and only while all members are alive, because a member that has not caught up yet counts for the majority already.
 * Also notices a second cluster under the same name, which a front end makes that lost its volume and saw nobody (spec/doris-operator.md §10 #11).
 */
export const feMembership = (doors: Doors) =>
  step('feMembership', DorisCluster, { owns: [StatefulSet, PersistentVolumeClaim, ConfigMap], reads: [Pod, Secret] }, async (object, cx) => {
    const cluster = clusterFrom(object);
    if (cluster.spec.fe === undefined) return done;
    return await asMaster(doors, cluster, cx, async ({ fe, frontends }) => {
      const clusterId = frontends.find((one) => one.master)?.clusterId;
      const known = (object.status as Status | undefined)?.clusterId;
      if (known !== undefined && clusterId !== undefined && clusterId !== known) {
        return stop('SecondCluster', secondCluster(clusterId, known, cluster.name));
      }
      if (clusterId !== undefined) {
        const record = bornAs(await cx.ensure(ConfigMap, bornName(cluster.name), () => bornRecord(cluster, clusterId), { owner: 'none' }));
        if (record !== clusterId) return stop('SecondCluster', secondCluster(clusterId, record, cluster.name));
        cx.status({ clusterId });
      }
      const pods = await cx.list(Pod, { labels: labelsOf(cluster.name, 'fe') });
      const live = await cx.get(StatefulSet, namesOf(cluster.name, 'fe').statefulSet);
      cx.status({ fe: componentStatus(cluster, 'fe', { statefulSet: live, pods, nodes: frontends.map(frontEndNode) }) });
      const running = pods.filter((pod) => pod.status?.phase === 'Running' && pod.metadata.deletionTimestamp === undefined).map((pod) => pod.metadata.name);
      for (let ordinal = 0; ordinal < componentOf(cluster, 'fe').replicas; ordinal += 1) {
        const listed = frontends.some((one) => ordinalOf(cluster, 'fe', one.host) === ordinal);
        const claim = await cx.get(PersistentVolumeClaim, metaClaimName(cluster.name, ordinal));
        if (claim !== undefined && isDropped(claim)) {
          // Asked back while it was leaving. Still a member: it simply stays. Dropped already: its pod goes first, and comes back with an empty volume.
          if (listed) await cx.apply(PersistentVolumeClaim, claimAs(claim, { dropped: false }), { owner: 'none' });
          else await cx.apply(StatefulSet, statefulSet(cluster, 'fe', { replicas: ordinal, leaving: [], live }));
          return done;
        }
        if (listed || !running.includes(podName(cluster.name, 'fe', ordinal)) || !frontends.every((one) => one.alive)) continue;
        const address = hostPort(podHost(cluster, 'fe', ordinal, domainOf(cluster, hostsOf(frontends))), portOf(cluster));
        const votes = ordinal < followersOf(cluster);
        await fe.query(votes ? addFollower(address) : addObserver(address), cx.signal);
        cx.event('Normal', 'FrontEndJoined', `added ${votes ? 'follower' : 'observer'} ${address}`, 'JoinFrontEnd');
        // Until it has caught up it is a vote that is missing: nothing else is asked of Doris before the next look.
        return waitFor('FrontEndJoining', `${address} was added and has to catch up`, { afterMs: LOOK_AGAIN_MS });
      }
      return done;
    });
  });

const secondCluster = (found: string, known: string | undefined, cluster: string): string =>
  `the front ends answer as cluster ${found}, but this is cluster ${known ?? 'of no id'}: one of them started anew; nothing is joined to it. If that is meant, delete the ConfigMap ${bornName(cluster)}`;

const hostsOf = (frontends: readonly Frontend[]): readonly string[] => frontends.map((one) => one.host);
const portOf = (cluster: Cluster): number => frontEndPorts(cluster.spec.fe?.config).editLog;
