import assert from 'node:assert/strict';
import { isReady } from '@binnacle/client';
import { Pod } from '@binnacle/client/kinds';
import { DorisMonitor } from '@binnacle/doris';
import { eventually } from '../../eventually.ts';
import { PROMETHEUS_IMAGE } from '../images/build.ts';
import { AT, NAME, NAMESPACE } from './nodes.ts';
import { ask, query } from './prometheus.ts';
import type { Story, World } from '../story.ts';

const POD = `${NAME}-prometheus-0`;
/** As the stories before leave it, by job and pod. */
const NODES = [`doris-be ${NAME}-be-0`, `doris-be ${NAME}-be-1`, `doris-be ${NAME}-be-2`, `doris-fe ${NAME}-fe-0`];

interface RuleGroups {
  readonly groups: readonly { readonly rules: readonly { readonly name: string; readonly health: string; readonly lastError?: string }[] }[];
}

/** Prometheus is the real one; Grafana and Loki cannot be had here. */
export const monitorStories: readonly Story[] = [
  {
    name: 'Doris: the monitor’s Prometheus finds every node by itself, evaluates each alert, and keeps its samples when its pod goes',
    async run(world) {
      const prometheus = { image: PROMETHEUS_IMAGE, requests: { cpu: '20m', memory: '64Mi', storage: '1Gi' } };
      const spec = { cluster: NAME, disableLoki: true, prometheus };
      await world.apply({ apiVersion: 'al-assad.github.io/v1beta1', kind: 'DorisMonitor', metadata: AT, spec });
      await eventually('the monitor is Ready', async () => isReady(await world.api.get(DorisMonitor, AT)), 120_000);
      await eventually('every node is scraped', async () => assert.deepEqual(await scraped(world), NODES) === undefined, 60_000);
      const rules = await eventually('each alert was evaluated', async () => await evaluated(world), 60_000);

      const before = Date.now() / 1000;
      await world.kubectl(['-n', NAMESPACE, 'delete', 'pod', POD]);
      await eventually('every node is scraped again', async () => assert.deepEqual(await scraped(world), NODES) === undefined, 120_000);
      assert.deepEqual(await scraped(world, before), NODES, 'what was measured before');
      return `${NODES.length} nodes, ${rules} alerts`;
    },
  },
];

/** Nodes that answered at the last scrape before `at` (seconds), or now. */
async function scraped(world: World, at?: number): Promise<readonly string[]> {
  const series = await query(await address(world), 'up == 1', at);
  return series.map(({ metric }) => `${metric['job']} ${metric['instance']}`).toSorted();
}

/** How many rules there are; throws while one was not evaluated, or could not be. */
async function evaluated(world: World): Promise<number> {
  const { groups } = await ask<RuleGroups>(await address(world), 'rules');
  const rules = groups.flatMap((group) => group.rules);
  assert.ok(rules.length > 0, 'there are rules');
  assert.deepEqual(
    rules.filter(({ health }) => health !== 'ok').map(({ name, health, lastError }) => `${name}: ${health} ${lastError ?? ''}`),
    [],
  );
  return rules.length;
}

async function address({ api }: World): Promise<string> {
  const { status } = await api.get(Pod, { namespace: NAMESPACE, name: POD });
  return `${status?.podIP}:9090`;
}
