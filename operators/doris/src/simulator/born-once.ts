import type { Container } from './container.ts';
import { stopped } from './container.ts';
import { askService } from './fe.ts';
import { META_PATH, selfOf } from './fe-self.ts';
import { pause } from './pause.ts';

const RETRY_MS = 2_000;

/** What the operator's init container does before a front end: lets an empty ordinal 0 of a cluster that was born wait until another front end answers. */
export async function bornOnceProgram(container: Container): Promise<number> {
  const { signal, clock } = container;
  const born = (container.readFile('/etc/doris-born/cluster-id') ?? '') !== '';
  if (!born || container.volume(META_PATH)?.has('image/ROLE') === true || !container.hostname.endsWith('-0')) return 0;
  container.log('this cluster exists already, and the metadata volume is empty: waiting for another front end');
  // As its script is told; one that offers none is asked in clear.
  const ca = /--ssl-ca=(\S+)/.exec(container.command[2] ?? '')?.[1];
  const tls = ca === undefined ? undefined : { ca: container.readFile(ca) ?? '', required: false };
  while (!signal.aborted) {
    // An answer is a front end that lists members; whether this one may join is the next program's question.
    if ((await askService(container, selfOf(container), tls)) !== 'nobody') return 0;
    await pause(clock, RETRY_MS, signal);
  }
  await stopped(signal);
  return 143;
}
