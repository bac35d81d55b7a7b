import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { ADDRESS } from './pki.ts';

const SCRIPT = fileURLToPath(new URL('node.sh', import.meta.url));
const BRIDGE = 'nodes0';
const MAX_NODES = 4;

/** Names of all nodes that a cluster may have. */
export const NODES: readonly string[] = Array.from({ length: MAX_NODES }, (_, index) => `e2e-node-${index}`);

/** What nodes are made from. */
export interface Parts {
  /** Of the run: everything the nodes write. */
  readonly folder: string;
  /** The binary with all components. */
  readonly kubernetes: string;
  /** Archives to import, in this order. */
  readonly images: readonly string[];
  /** After how long without a word a node is not ready, as the controller manager takes it. */
  readonly grace: string;
}

/** A machine, as far as Kubernetes can tell: namespaces, a cable to the others, a disk that outlives a power cut. */
export interface Node {
  readonly name: string;
  readonly index: number;
  /** Power cut: all processes of the node end at once. */
  cut(): Promise<void>;
  /** Pulls the cable, or plugs it in. */
  cable(state: 'up' | 'down'): void;
}

/** The bridge between the nodes; in the network namespace of the run. */
export function wire(): void {
  ip('link', 'set', 'lo', 'up');
  ip('link', 'add', BRIDGE, 'type', 'bridge');
  ip('addr', 'add', '172.31.250.1/24', 'dev', BRIDGE);
  ip('link', 'set', BRIDGE, 'up');
}

/** Starts a node, for the first time or after a power cut. It joins by itself; archives are imported meanwhile. */
export async function startNode(index: number, parts: Parts): Promise<Node> {
  const name = NODES[index]!;
  const folder = join(parts.folder, name);
  rmSync(join(folder, 'run'), { recursive: true, force: true });
  for (const one of ['run', 'log', 'images']) mkdirSync(join(folder, one), { recursive: true });
  const list = join(folder, 'images', 'list');
  writeFileSync(list, `${parts.images.join('\n')}\n`);
  const output = openSync(join(folder, 'log', 'node.log'), 'a');
  const pki = join(parts.folder, 'pki');
  const own = { NODE: name, INDEX: String(index), ADDRESS: ADDRESS(index), API: ADDRESS(0), FOLDER: folder, PKI: pki };
  const env = { PATH: process.env['PATH'], HOME: '/root', ...own, KUBERNETES: parts.kubernetes, IMAGES: list, GRACE: parts.grace };
  const flags = ['--mount', '--net', '--pid', '--uts', '--ipc', '--fork', '--kill-child', '--propagation', 'private'];
  // With this process the node ends, whatever it ended by.
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', 'unshare', ...flags, 'bash', SCRIPT], { env, stdio: ['ignore', output, output] });
  const pid = await first(child);
  const cable = `node${index}`;
  ip('link', 'add', cable, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', pid);
  ip('link', 'set', cable, 'master', BRIDGE, 'up');
  const inside = (...args: readonly string[]) => execFileSync('nsenter', ['-t', pid, '-n', ...args]);
  inside('ip', 'link', 'set', 'lo', 'up');
  inside('ip', 'addr', 'add', `${ADDRESS(index)}/24`, 'dev', 'eth0');
  inside('ip', 'link', 'set', 'eth0', 'up');
  inside('ip', 'route', 'add', 'default', 'via', '172.31.250.1');
  inside('sysctl', '-qw', 'net.ipv4.ip_forward=1');
  for (let other = 0; other < MAX_NODES; other++) {
    if (other !== index) inside('ip', 'route', 'add', `10.244.${other}.0/24`, 'via', ADDRESS(other));
  }
  if (index === 0) ip('route', 'replace', '10.96.0.0/16', 'via', ADDRESS(0));
  ip('route', 'replace', `10.244.${index}.0/24`, 'via', ADDRESS(index));
  writeFileSync(join(folder, 'run', 'wired'), '');
  return {
    name,
    index,
    async cut() {
      const ended = once(child, 'exit');
      process.kill(Number(pid), 'SIGKILL');
      await ended;
      unplug(cable);
      await dropCgroups(name);
    },
    cable: (state) => ip('link', 'set', cable, state),
  };
}

/** Whether all archives of a node are in. @throws {Error} when one could not be imported. */
export function imported(folder: string, node: string): boolean {
  return existsSync(join(folder, node, 'run', 'imported'));
}

/** Cgroups are the one thing that outlives a killed namespace. Takes away what is left of a node's, of this run or of one before. */
export async function dropCgroups(node: string): Promise<void> {
  const root = '/sys/fs/cgroup';
  const folders = [join(root, node), ...readdirSync(root).map((hierarchy) => join(root, hierarchy, node))].filter((path) => existsSync(path));
  for (let tries = 0; tries < 50 && !folders.every(removed); tries++) await sleep(50);
}

function removed(folder: string): boolean {
  if (!existsSync(folder)) return true;
  for (const one of readdirSync(folder, { withFileTypes: true })) if (one.isDirectory() && !removed(join(folder, one.name))) return false;
  try {
    rmdirSync(folder);
    return true;
  } catch {
    return false; // busy: its last process is still going
  }
}

/** The process that `unshare` forked: 1 in the node. */
async function first(child: ChildProcess): Promise<string> {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`a node's namespaces could not be made: exit code ${child.exitCode}`);
    const found = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').trim();
    if (found !== '') return found;
    await sleep(10);
  }
}

/** The kernel takes a cable away with the namespace that its end is in, at a moment of its own. */
function unplug(cable: string): void {
  try {
    ip('link', 'del', cable);
  } catch (error) {
    if (cables().includes(cable)) throw error;
  }
}

const cables = (): string => execFileSync('ip', ['-o', 'link'], { encoding: 'utf8' });

function ip(...args: readonly string[]): void {
  execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'pipe'] });
}
