import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CACHE, images } from './images/build.ts';
import { kubernetesBinary } from '../control-plane/binary.ts';
import { missing } from './missing.ts';
import { dropCgroups, NODES } from './node/node.ts';

/**
 * Stories on a real cluster: builds what is not in the cache, then runs `run.ts` in namespaces of its own, where the nodes are. Whatever this process ends by, all
 * that it started ends with it: mounts, links and processes live in those namespaces alone. Arguments: parts of stories' names, to run only those.
 */
const RUN = fileURLToPath(new URL('run.ts', import.meta.url));
const BUSY = 75;

const lacking = missing();
if (lacking.length > 0) {
  process.stderr.write(
    `e2e on a real cluster needs what is not here:\n${lacking.map((one) => `  ${one}\n`).join('')}To install it: sudo e2e/cluster/install-tools.sh\n`,
  );
  process.exit(1);
}
const say = (line: string) => void process.stdout.write(`${line}\n`);
mkdirSync(CACHE, { recursive: true });
const kubernetes = await kubernetesBinary('1.36', say);
const archives = images(say);

const folder = join(CACHE, 'cluster');
const plan = join(CACHE, `plan-${process.pid}.json`);
writeFileSync(plan, JSON.stringify({ folder, kubernetes, images: archives, only: process.argv.slice(2) }));
const namespaces = ['unshare', '--net', '--mount', '--pid', '--ipc', '--fork', '--kill-child', '--mount-proc', '--propagation', 'private'];
const alone = ['flock', '--nonblock', '--no-fork', '--conflict-exit-code', String(BUSY), join(CACHE, 'cluster.lock')];
const child = spawn('setpriv', ['--pdeathsig', 'KILL', ...alone, ...namespaces, process.execPath, RUN, plan], { stdio: 'inherit' });
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void child.kill('SIGKILL'));
const [code] = (await once(child, 'exit')) as [number | null];
rmSync(plan, { force: true });
if (code === BUSY) say('another run has the cluster: one at a time');
else {
  for (const node of NODES) await dropCgroups(node);
  if (code === 0 && existsSync(folder)) rmSync(folder, { recursive: true, force: true });
  else say(`logs of the nodes: ${folder}/*/log`);
}
process.exitCode = code ?? 1;
