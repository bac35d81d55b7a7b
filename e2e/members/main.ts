import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { HAZELCAST_VERSIONS } from '../cluster/images/build.ts';
import { cacheFolder } from '../go.ts';
import { download } from '../cluster/images/hazelcast.ts';
import { ADDRESSES } from './addresses.ts';

/** Runs the contract of members on real ones of every version, in a network namespace that ends with the run. */
mkdirSync(cacheFolder(), { recursive: true });
for (const version of HAZELCAST_VERSIONS) download(cacheFolder(), version);
const wire = ['ip link set lo up', ...ADDRESSES.map((address) => `ip addr add ${address}/32 dev lo`)].join(' && ');
const tests = `exec "${process.execPath}" --test --test-concurrency=1 --test-timeout=240000 ${new URL('contract.e2e.ts', import.meta.url).pathname}`;
const namespaces = ['unshare', '--net', '--pid', '--mount-proc', '--fork', '--kill-child'];
const child = spawn('setpriv', ['--pdeathsig', 'KILL', ...namespaces, 'bash', '-c', `${wire} && ${tests}`], { stdio: 'inherit' });
const [code] = (await once(child, 'exit')) as [number | null];
process.exitCode = code ?? 1;
