import { answerClient } from './client-port.ts';
import { simulatedCluster } from './cluster.ts';
import type { Refusal } from './cluster.ts';
import { memberConfig } from './config.ts';
import type { Container, Program } from './container.ts';
import { executors } from './executors.ts';
import type { Fleet } from './fleet.ts';
import { healthPage } from './health.ts';
import { managementPage } from './management.ts';
import { serve } from './http.ts';
import { statistics, timedMemberState } from './timed-member-state.ts';
import { memberSide } from './tls.ts';
import { until } from './until.ts';

const PORTS = { client: 5701, rest: 8081 } as const;
/** What the JVM exits with: by SIGTERM, and when it cannot start. */
const TERMINATED = 143;
const FAILURE = 1;
/** How long a member takes to end; ms. By default it hands nothing over before: what it held alone is gone. */
const STOPPING_MS = 300;

/** A Hazelcast member: its client port, its REST port, its place in the cluster. The simulator of what the operator talks to. */
export const member =
  (fleet: Fleet): Program =>
  async (container) => {
    const config = memberConfig(container);
    if ('refusal' in config) {
      container.log(`ERROR ${config.refusal}`);
      return FAILURE;
    }
    const say = (text: string) => container.log(`INFO [${container.ip}]:5702 [${config.clusterName}] [${config.version}] ${text}`);
    const given = executors(config.executors);
    using cluster = simulatedCluster(container, config, fleet);
    using _rest = serve(container, PORTS.rest, (method, path, body) => managementPage(cluster, method, path, body) ?? healthPage(cluster, method, path));
    say(`[${container.ip}]:5702 is STARTING`);
    const begun = await Promise.race([cluster.joined, until(container.signal)]);
    if (begun === undefined) return TERMINATED;
    if (begun !== 'started') {
      say(REFUSALS[begun]);
      return FAILURE;
    }
    const parts = { config, executors: given, statistics: statistics(container.clock, () => timedMemberState(cluster, config)) };
    using _clients = container.network.listen(PORTS.client, (stream) =>
      answerClient(config.tls === undefined ? stream : memberSide(stream, config.tls), cluster, parts),
    );
    say(`[${container.ip}]:5702 is STARTED`);
    await until(container.signal);
    if (config.handOverMs !== undefined) await cluster.handOver(config.handOverMs);
    return await end(container, say);
  };

const REFUSALS: Readonly<Record<Refusal, string>> = {
  locked: 'Node could not join cluster. Before join check failed: Cluster state either is locked or does not allow new members to join',
  version: 'Joining node rejected: its version is not compatible with the cluster version',
  incomplete: 'Hot restart validation timed out: not all members with data are there',
};

async function end(container: Container, say: (text: string) => void): Promise<number> {
  say('Running shutdown hook... Current state: ACTIVE');
  await container.clock.sleep(STOPPING_MS);
  say(`[${container.ip}]:5702 is SHUTDOWN`);
  return TERMINATED;
}
