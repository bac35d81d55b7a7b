import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock, tcpNetwork } from '@binnacle/client';
import type { Sections } from '../../operators/hazelcast/src/hazelcast/config/member.ts';
import { eventually } from '../eventually.ts';
import { ADDRESSES, addressOf } from './addresses.ts';
import { yaml } from './yaml.ts';
import type { Machine, RunningMember } from './target.ts';

const MEMBER_PORT = 5702;
const WITHIN_MS = 60_000;
/** As a shell tells of a process that ended by a signal. */
const [TERMINATED, KILLED] = [143, 137];
/** Little memory and a quick start. */
const JVM = ['-Xmx128m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Dhazelcast.socket.bind.any=false', '-Dhazelcast.phone.home.enabled=false'];
/** How long a member looks for others before it starts alone: they are at known addresses. */
const JOIN = ['-Dhazelcast.wait.seconds.before.join=1', '-Dhazelcast.max.wait.seconds.before.join=2'];

/** Real open-source members: processes of this machine's Java with the jar at `jar`. The addresses of `addresses.ts` must be there. */
export function realMachine(jar: string): Machine {
  const folder = mkdtempSync(join(tmpdir(), 'members-'));
  const processes = new Map<RunningMember, ChildProcess>();
  let started = 0;
  return {
    doors: { network: tcpNetwork(), clock: systemClock() },
    start(number, { spec = {}, jvm = '' } = {}) {
      const ip = addressOf(number);
      const own = join(folder, `${number}-${(started += 1)}`);
      mkdirSync(own);
      const config = join(own, 'hazelcast.yaml');
      const logged = join(own, 'log');
      writeFileSync(
        config,
        yaml(spec, (sections) => outside(sections, ip)),
      );
      const output = openSync(logged, 'a');
      const options = [...JVM, ...JOIN, ...jvm.split(' ').filter((one) => one !== ''), `-Dhazelcast.config=${config}`];
      const child = spawn('java', [...options, '-cp', jar, 'com.hazelcast.core.server.HazelcastMemberStarter'], {
        cwd: own,
        stdio: ['ignore', output, output],
      });
      const one = { ip, log: () => readFileSync(logged, 'utf8'), stop: () => void child.kill('SIGTERM') };
      processes.set(one, child);
      return one;
    },
    ended: exitCode,
    until: async (what, ask) => void (await eventually(what, ask, WITHIN_MS)),
    async [Symbol.asyncDispose]() {
      for (const child of processes.values()) child.kill('SIGKILL');
      await Promise.all([...processes.keys()].map(exitCode));
      rmSync(folder, { recursive: true, force: true });
    },
  };

  async function exitCode(member: RunningMember): Promise<number> {
    const child = processes.get(member)!; // sound: only `start` makes members
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    return child.exitCode ?? (child.signalCode === 'SIGTERM' ? TERMINATED : KILLED);
  }
}

/** Outside of Kubernetes nobody lists members, and all run on one machine: addresses in place of discovery, and one for each member's ports. */
function outside(sections: Sections, ip: string): Sections {
  const network = sections['advanced-network'] as Readonly<Record<string, object>>; // sound: `advancedNetwork` wrote it
  const here = { interfaces: { enabled: true, interfaces: [ip] } };
  const bound = Object.entries(network).map(([key, value]) => {
    if (key === 'wan-server-socket-endpoint-config') return [key, Object.fromEntries(Object.entries(value).map(([name, one]) => [name, { ...one, ...here }]))];
    return [key, key.endsWith('-endpoint-config') ? { ...value, ...here } : value];
  });
  const join = { 'tcp-ip': { enabled: true, 'member-list': ADDRESSES.map((one) => `${one}:${MEMBER_PORT}`) } };
  return { ...sections, 'advanced-network': { ...Object.fromEntries(bound), join } };
}
