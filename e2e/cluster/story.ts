import { setTimeout as sleep } from 'node:timers/promises';
import type { Api } from '@binnacle/client';
import type { Kubectl } from './kubectl.ts';
import type { Node } from './node/node.ts';

/** A cluster as a story finds it: nodes that are Ready, DNS, and after the first story the operators. */
export interface World {
  /** As the administrator, from outside of the nodes; pods and Services can be reached by their addresses. */
  readonly api: Api;
  readonly kubectl: Kubectl;
  /** `kubectl apply` of one object. */
  apply(object: { readonly apiVersion: string; readonly kind: string; readonly [field: string]: unknown }): Promise<void>;
  readonly nodes: readonly Node[];
  /** Starts a node again after a power cut. */
  powerOn(index: number): Promise<void>;
}

/** What a user lives through. Stories run one after another, in the order of their list. */
export interface Story {
  readonly name: string;
  /** Returns figures for the table, if it has any. */
  run(world: World): Promise<string | void>;
}

/** No story takes so long, even on a busy machine: what it waits for in vain fails by a limit of its own before; ms. */
const WITHIN_MS = 900_000;

/** How a story ended. */
export interface Told {
  readonly name: string;
  readonly ms: number;
  readonly note: string;
  readonly error?: unknown;
}

/** Tells a story; never rejects. */
export async function tell(story: Story, world: World): Promise<Told> {
  const started = performance.now();
  const late = new AbortController();
  const over = sleep(WITHIN_MS, undefined, { signal: late.signal }).then(() => {
    throw new Error(`not told within ${WITHIN_MS} ms`);
  });
  over.catch(() => undefined);
  try {
    const note = (await Promise.race([story.run(world), over])) ?? '';
    return { name: story.name, ms: performance.now() - started, note };
  } catch (error) {
    return { name: story.name, ms: performance.now() - started, note: error instanceof Error ? error.message : String(error), error };
  } finally {
    late.abort();
  }
}
