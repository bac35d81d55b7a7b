import { systemClock } from '@binnacle/client';
import { CustomResourceDefinition } from '@binnacle/client/kinds';
import { createApiServer } from '@binnacle/sandbox/parts';
import { crdManifests } from '../../apps/binnacle/src/install.ts';
import { entries } from '../../apps/binnacle/src/operators.ts';
import type { Version } from '../control-plane/binary.ts';
import { startControlPlane } from '../control-plane/control-plane.ts';
import { eventually } from '../eventually.ts';
import { firstDifference } from './compare.ts';
import type { Difference } from './compare.ts';
import { script } from './generate.ts';
import { play } from './play.ts';
import { random } from './random.ts';
import { inProcess, overHttps } from './server.ts';
import type { Server } from './server.ts';
import { shrink } from './shrink.ts';
import type { Step } from './step.ts';

/** Both servers, without controllers: nobody writes but the script. */
export interface Pair extends AsyncDisposable {
  /** Plays a script on both. */
  both(script: readonly Step[]): Promise<{ readonly difference: Difference | undefined; readonly requests: number }>;
}

const STEPS = 24;
const AT_ONCE = 6;

/** Starts a real API server and ours, both with the CRDs of our operators. */
export async function startPair(version: Version, say: (line: string) => void): Promise<Pair> {
  await using opened = new AsyncDisposableStack();
  const plane = opened.use(await startControlPlane({ version, controllers: false, scheduler: false, say }));
  const sandbox = opened.use(await createApiServer({ clock: systemClock() }));
  const real = opened.use(overHttps(`Kubernetes ${version}`, plane.cluster));
  const ours = opened.use(inProcess('sandbox', sandbox.transport({ name: 'admin', groups: ['system:masters', 'system:authenticated'] })));
  await Promise.all([define(real), define(ours)]);
  let count = 0;
  const all = opened.move();
  return {
    async both(steps) {
      count += 1;
      const namespace = `s${count}`;
      const [a, b] = await Promise.all([play(ours, namespace, steps), play(real, namespace, steps)]);
      return { difference: firstDifference(steps, a, b), requests: b.requests };
    },
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

async function define(server: Server): Promise<void> {
  const { group, version, plural } = CustomResourceDefinition;
  const at = `/apis/${group}/${version}/${plural}`;
  for (const manifest of entries().flatMap(crdManifests)) {
    const reply = await server.ask('POST', at, manifest);
    if (reply.status !== 201) throw new Error(`${server.name}: ${manifest.metadata.name}: ${JSON.stringify(reply.json)}`);
    await eventually(`${manifest.metadata.name} is served`, async () => {
      const { json } = await server.ask('GET', `${at}/${manifest.metadata.name}`);
      return json.status?.conditions?.some(({ type, status }: { type: string; status: string }) => type === 'Established' && status === 'True') === true;
    });
  }
}

/** What was found that is not known: the shortest script, and what each server said. */
export interface Found {
  readonly seed: number;
  readonly times: number;
  readonly difference: Difference;
  readonly script: readonly Step[];
}

export interface Outcome {
  readonly requests: number;
  readonly scripts: number;
  /** By signature. */
  readonly found: readonly Found[];
  /** How often a known difference was met, by its number in the list. */
  readonly met: readonly number[];
}

/**
 * Plays random scripts until so many requests were compared. `known`: signatures that are listed; a script ends for us at its first difference, known or not,
 * since what comes after may follow from it.
 */
export async function compare(
  pair: Pair,
  options: { readonly seed: number; readonly requests: number; readonly known: readonly RegExp[]; readonly shrinks: boolean },
): Promise<Outcome> {
  const { seed, known } = options;
  const met = known.map(() => 0);
  const first = new Map<string, { seed: number; times: number; difference: Difference; script: readonly Step[] }>();
  let requests = 0;
  let scripts = 0;
  const work = async (): Promise<void> => {
    while (requests < options.requests) {
      const own = seed + scripts;
      scripts += 1;
      const steps = script(random(own), STEPS);
      const { difference, requests: more } = await pair.both(steps);
      requests += more;
      if (difference === undefined) continue;
      const listed = known.findIndex((signature) => signature.test(difference.signature));
      if (listed >= 0) {
        met[listed]! += 1;
        continue;
      }
      const before = first.get(difference.signature);
      if (before === undefined) first.set(difference.signature, { seed: own, times: 1, difference, script: steps });
      else before.times += 1;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  const found: Found[] = [];
  for (const one of [...first.values()].toSorted((a, b) => b.times - a.times)) {
    const { signature } = one.difference;
    const short = options.shrinks ? await shrink(one.script, signature, async (steps) => (await pair.both(steps)).difference) : one.script;
    found.push({ ...one, script: short });
  }
  return { requests, scripts, found, met };
}

/** Listed differences whose example no longer shows them, by their signature. */
export async function gone(pair: Pair, listed: readonly { readonly signature: RegExp; readonly example: readonly Step[] }[]): Promise<readonly string[]> {
  const left: string[] = [];
  for (const { signature, example } of listed) {
    const { difference } = await pair.both(example);
    if (difference === undefined || !signature.test(difference.signature))
      left.push(`${signature}${difference === undefined ? '' : `: ${difference.signature}`}`);
  }
  return left;
}
