import type { Container, Image } from '@binnacle/sandbox';
import type { Images } from './target.ts';

/** Names of the images that `programs` stand for. */
export const images: Images = {
  sleeper: 'binnacle.test/sleeper:1',
  sleeper2: 'binnacle.test/sleeper:2',
  succeeds: 'binnacle.test/succeeds:1',
  fails: 'binnacle.test/fails:1',
  missing: 'binnacle.test/missing:1',
};

async function untilTold({ signal, log }: Container): Promise<number> {
  log('started');
  if (!signal.aborted) await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
  return 0;
}

/** What our own node runs for them. */
export const programs: readonly Image[] = [
  { image: /^binnacle\.test\/sleeper:/, program: untilTold },
  { image: /^binnacle\.test\/succeeds:/, program: async () => 0 },
  { image: /^binnacle\.test\/fails:/, program: async () => 1 },
];
