import { virtualClock } from '@binnacle/testing';
import { member } from '../../operators/hazelcast/src/simulator/member.ts';
import { fleet } from '../../operators/hazelcast/src/simulator/fleet.ts';
import { pods } from '../../operators/hazelcast/test/network.ts';
import { yaml } from './yaml.ts';
import type { Machine, RunningMember } from './target.ts';

const STEP_MS = 200;
const WITHIN_MS = 120_000;

/** Simulated members of a version, on virtual time. */
export function simulatedMachine(version: string): Machine {
  const clock = virtualClock();
  const net = pods(clock);
  const program = member(fleet());
  const codes = new Map<RunningMember, number>();
  const running: RunningMember[] = [];
  return {
    doors: { network: net.network, clock },
    start(number, { spec = {}, jvm = '' } = {}) {
      const ip = `10.0.0.1${number}`;
      const files = { '/data/hazelcast/hazelcast.yaml': yaml(spec) };
      const one = net.run(program, { ip, image: `docker.io/hazelcast/hazelcast:${version}`, files, env: { JAVA_OPTS: jvm } });
      const started: RunningMember = { ip, log: () => one.log.join('\n'), stop: one.stop };
      running.push(started);
      one.code.then(
        (code) => codes.set(started, code),
        () => codes.set(started, 1),
      );
      return started;
    },
    async ended(one) {
      await until('a member ends', async () => await Promise.resolve(codes.has(one)));
      return codes.get(one) ?? 0;
    },
    until,
    async [Symbol.asyncDispose]() {
      for (const one of running) one.stop();
      await clock.advance(10_000);
    },
  };
  async function until(what: string, ask: () => Promise<boolean>): Promise<void> {
    let last: unknown;
    for (let waited = 0; waited < WITHIN_MS; waited += STEP_MS) {
      try {
        if (await ask()) return;
      } catch (error) {
        last = error;
      }
      await clock.advance(STEP_MS);
    }
    throw new Error(`${what}: not within ${WITHIN_MS} ms`, { cause: last });
  }
}
