import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { connect, discoverCluster, systemClock, undiciTransport } from '@binnacle/client';
import { Node as NodeKind } from '@binnacle/client/kinds';
import { eventually } from '../eventually.ts';
import { kubectl } from './kubectl.ts';
import { dropCgroups, imported, NODES, startNode, wire } from './node/node.ts';
import type { Node, Parts } from './node/node.ts';
import { pki } from './node/pki.ts';
import { stories } from './stories/index.ts';
import { tell } from './story.ts';
import type { Told, World } from './story.ts';
import { table } from './table.ts';

/** Runs in the run's namespaces: nodes, then stories one after another, then the table. Exit code 1: a story failed. */
interface Plan extends Omit<Parts, 'grace'> {
  readonly only: readonly string[];
}
/** Shorter than the default of 40 s, so that a story about a lost node takes less; still several of the kubelet's own beats. */
const GRACE = '12s';
const NODES_AT_FIRST = 2;
const VOLUMES_A_NODE = 16;

const plan = JSON.parse(readFileSync(process.argv[2]!, 'utf8')) as Plan; // sound: main.ts wrote it
const parts: Parts = { ...plan, grace: GRACE };
const say = (line: string) => void process.stdout.write(`${line}\n`);
const clock = systemClock();
const started = clock.monotonic();
const seconds = () => `${((clock.monotonic() - started) / 1000).toFixed(1)} s`;

rmSync(parts.folder, { recursive: true, force: true });
for (const name of NODES) await dropCgroups(name);
wire();
pki(join(parts.folder, 'pki'), NODES);
const nodes: Node[] = [];
for (let index = 0; index < NODES_AT_FIRST; index++) nodes.push(await startNode(index, parts));
const kubeconfig = join(parts.folder, 'pki', 'admin.kubeconfig');
const api = connect({ clock, userAgent: 'binnacle-e2e', transport: undiciTransport(discoverCluster({ env: {}, path: kubeconfig }), { clock }) });
const run = kubectl(kubeconfig);
const world: World = {
  api,
  kubectl: run,
  apply: async (object) => void (await run(['apply', '-f', '-'], JSON.stringify(object))),
  nodes,
  async powerOn(index) {
    nodes[index] = await startNode(index, parts);
  },
};
await nodesReady();
say(`${nodes.length} nodes Ready after ${seconds()}`);
await world.kubectl(['apply', '-f', '-'], readFileSync(new URL('manifests/dns.yaml', import.meta.url), 'utf8'));
await volumes();
await eventually('images are imported', () => NODES.slice(0, nodes.length).every((name) => imported(parts.folder, name)), 240_000);
await world.kubectl(['-n', 'kube-system', 'rollout', 'status', 'deployment/coredns', '--timeout=240s']);
say(`images imported, names resolve after ${seconds()}`);

const told: Told[] = [];
const wanted = stories.filter(({ name }, index) => index === 0 || plan.only.length === 0 || plan.only.some((part) => name.includes(part)));
for (const story of wanted) {
  const one = await tell(story, world);
  told.push(one);
  say(`${one.error === undefined ? 'ok  ' : 'FAIL'} ${(one.ms / 1000).toFixed(1).padStart(6)} s  ${one.name}${one.note === '' ? '' : `: ${one.note}`}`);
  if (one.error === undefined) continue;
  say(await world.kubectl(['get', 'pods', '-A', '-o', 'wide']).catch(String));
  say(await world.kubectl(['get', 'events', '-A', '--sort-by=.lastTimestamp']).then((all) => all.split('\n').slice(-25).join('\n'), String));
  if (told.length === 1) break; // nothing runs without the operators
}
say(`\n${table(told)}\n${told.filter(({ error }) => error === undefined).length} of ${wanted.length} stories, ${seconds()}`);
process.exit(told.length === wanted.length && told.every(({ error }) => error === undefined) ? 0 : 1);

async function nodesReady(): Promise<void> {
  await eventually(
    'all nodes are Ready',
    async () => {
      const { items } = await api.list(NodeKind);
      const ready = items.filter((node) => node.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True'));
      return ready.length === nodes.length;
    },
    120_000,
  );
}

/** The nodes' own folders as volumes, big enough for any claim. */
async function volumes(): Promise<void> {
  const items = nodes.flatMap((node) =>
    Array.from({ length: VOLUMES_A_NODE }, (_, index) => ({
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name: `${node.name}-${index}` },
      spec: {
        capacity: { storage: '100Gi' },
        accessModes: ['ReadWriteOnce'],
        storageClassName: 'node',
        persistentVolumeReclaimPolicy: 'Retain',
        local: { path: `/srv/volume-${index}` },
        nodeAffinity: {
          required: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: [node.name] }] }] },
        },
      },
    })),
  );
  await world.apply({ apiVersion: 'v1', kind: 'List', items });
}
