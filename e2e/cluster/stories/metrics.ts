import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Pod } from '@binnacle/client/kinds';
import { eventually } from '../../eventually.ts';
import { SYSTEM } from './install.ts';
import { query } from './prometheus.ts';
import type { Story } from '../story.ts';

const ADDRESS = '127.0.0.1:9490';

export const metricsStories: readonly Story[] = [
  {
    name: 'Prometheus scrapes every replica of the operators, and promtool finds nothing to say about their metrics',
    async run({ api }) {
      const { items } = await api.list(Pod, { namespace: SYSTEM });
      const targets = items.map((pod) => `${pod.status?.podIP}:8081`);
      for (const target of targets) {
        const text = await (await fetch(`http://${target}/metrics`)).text();
        const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], { input: text, encoding: 'utf8' });
        // Names are controller-runtime's, so that its dashboards work; some of those are not to promtool's taste.
        const remarks = (stdout + stderr)
          .split('\n')
          .filter((line) => line !== '' && !/^(workqueue|controller_runtime|rest_client|leader_election|process|nodejs)_/.test(line));
        assert.ok(status !== 1 && remarks.length === 0, `${target}: ${remarks.join('; ')}`);
      }
      await using prometheus = await scraping(targets);
      const up = await eventually(
        'all targets are up',
        async () => {
          const found = await prometheus.query('up == 1');
          return found === targets.length ? found : undefined;
        },
        60_000,
      );
      assert.equal(await prometheus.query('leader_election_master_status == 1'), 2, 'one leader of each operator');
      return `${up} targets`;
    },
  },
];

/** A real Prometheus in the run's own network, that scrapes these. */
async function scraping(targets: readonly string[]) {
  const folder = mkdtempSync(join(tmpdir(), 'prometheus-'));
  const config = { global: { scrape_interval: '1s' }, scrape_configs: [{ job_name: 'operators', static_configs: [{ targets }] }] };
  writeFileSync(join(folder, 'prometheus.yml'), JSON.stringify(config));
  const args = [`--config.file=${join(folder, 'prometheus.yml')}`, `--storage.tsdb.path=${join(folder, 'data')}`, `--web.listen-address=${ADDRESS}`];
  const server = spawn('prometheus', args, { stdio: 'ignore' });
  return {
    /** How many series an expression finds. */
    query: async (expression: string): Promise<number> => (await query(ADDRESS, expression)).length,
    async [Symbol.asyncDispose]() {
      const ended = once(server, 'exit');
      server.kill('SIGKILL');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
