import { systemClock } from '@binnacle/client';
import { createApiServer } from '@binnacle/sandbox/parts';
import { crdManifests } from '../../apps/binnacle/src/install.ts';
import { entries } from '../../apps/binnacle/src/operators.ts';
import type { Version } from '../control-plane/binary.ts';
import { startControlPlane } from '../control-plane/control-plane.ts';
import { DEFINITIONS as PATH } from '../conformance/requests.ts';
import { served } from '../served.ts';
import { compareTranscripts } from './compare.ts';
import type { Comparison, Difference } from './compare.ts';
import { DEFINITIONS } from './custom.ts';
import { script } from './generate.ts';
import { play } from './play.ts';
import { random } from './random.ts';
import { inProcess, overHttps } from './server.ts';
import type { Server } from './server.ts';
import { shrink } from './shrink.ts';
import type { Step } from './step.ts';

/** Both servers, without controllers: nobody writes but the script. */
export interface Pair extends AsyncDisposable {
  /** Plays a script on both. `listed`: signatures of differences that are known. */
  both(script: readonly Step[], listed: (signature: string) => boolean): Promise<Comparison>;
}

const STEPS = 24;
const AT_ONCE = 6;
export const AGAIN = 3;

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
    async both(steps, listed) {
      count += 1;
      const namespace = `s${count}`;
      const [a, b] = await Promise.all([play(ours, namespace, steps), play(real, namespace, steps)]);
      return compareTranscripts(steps, a, b, listed);
    },
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

async function define(server: Server): Promise<void> {
  for (const manifest of [...entries().flatMap(crdManifests), ...DEFINITIONS]) {
    const reply = await server.ask('POST', PATH, manifest);
    if (reply.status !== 201) throw new Error(`${server.name}: ${manifest.metadata.name}: ${JSON.stringify(reply.json)}`);
    await served(server.ask, manifest.metadata.name);
  }
}

/** What was found that is not listed: the shortest script, and what each server said. */
export interface Found {
  readonly signature: string;
  readonly seed: number;
  readonly times: number;
  /** How often it shows when its script is played again, of `AGAIN` times: what does not show each time depends on who is faster. */
  readonly again: number;
  readonly difference: Difference;
  readonly script: readonly Step[];
}

export interface Outcome {
  /** Answers and watches that were compared. */
  readonly compared: number;
  readonly scripts: number;
  /** Scripts in which all was alike. */
  readonly alike: number;
  /** By signature. */
  readonly found: readonly Found[];
  /** How often a listed difference was met, by its number in the list. */
  readonly met: readonly number[];
}

/** Plays random scripts until so many answers were compared. `known`: signatures that are listed. */
export async function compare(
  pair: Pair,
  options: { readonly seed: number; readonly requests: number; readonly known: readonly RegExp[]; readonly shrinks: boolean },
): Promise<Outcome> {
  const { seed, known } = options;
  const listed = (signature: string) => known.some((one) => one.test(signature));
  const met = known.map(() => 0);
  const first = new Map<string, Omit<Found, 'again'>>();
  let compared = 0;
  let alike = 0;
  const note = (own: number, steps: readonly Step[], comparison: Comparison): void => {
    compared += comparison.compared;
    for (const signature of comparison.met) met[known.findIndex((one) => one.test(signature))]! += 1;
    const { difference } = comparison;
    if (difference === undefined && comparison.met.length === 0) alike += 1;
    for (const signature of difference?.signatures ?? []) {
      const before = first.get(signature);
      first.set(signature, { signature, seed: own, difference: difference!, script: steps, ...before, times: (before?.times ?? 0) + 1 });
    }
  };
  const plays: Promise<() => void>[] = [];
  // Which scripts are played follows from the seed, and not from which of them are played fastest: each waits for the one that is so many before it.
  for (let taken = 0; compared < options.requests;) {
    while (plays.length < taken + AT_ONCE) {
      const own = seed + plays.length;
      const steps = script(random(own), STEPS);
      const play = pair.both(steps, listed).then(
        (comparison) => () => note(own, steps, comparison),
        (error: unknown) => () => {
          throw new Error(`the script of seed ${own}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
        },
      );
      plays.push(play);
    }
    (await plays[taken]!)();
    taken += 1;
    if (compared >= options.requests) for (const left of plays.slice(taken)) (await left)();
  }
  const scripts = plays.length;
  const found: Found[] = [];
  for (const one of [...first.values()].toSorted((a, b) => b.times - a.times)) {
    const shows = async (steps: readonly Step[]) => (await pair.both(steps, listed)).difference?.signatures.includes(one.signature) === true;
    let again = 0;
    for (let played = 0; played < AGAIN; played += 1) if (await shows(one.script)) again += 1;
    found.push({ ...one, again, script: options.shrinks && again > 0 ? await shrink(one.script, shows) : one.script });
  }
  return { compared, scripts, alike, found, met };
}

/** Listed differences whose example no longer shows them, by their signature. */
export async function gone(pair: Pair, listed: readonly { readonly signature: RegExp; readonly example: readonly Step[] }[]): Promise<readonly string[]> {
  const left: string[] = [];
  const isListed = (one: string) => listed.some(({ signature }) => signature.test(one));
  for (const { signature, example } of listed) {
    const { met, difference } = await pair.both(example, isListed);
    if (!met.some((one) => signature.test(one))) left.push(`${signature}: ${[...met, ...(difference?.signatures ?? [])].join('; ')}`);
  }
  return left;
}
