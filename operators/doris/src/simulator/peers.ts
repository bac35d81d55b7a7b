import { alarm } from '@binnacle/client';
import { z } from 'zod';
import type { Answer } from './answer.ts';
import type { Container } from './container.ts';
import { lines, next } from './lines.ts';
import type { Lines } from './lines.ts';
import type { FrontendRecord, Metadata } from './metadata.ts';

/** What front ends ask of each other on the edit log port. */
export type Hello =
  | { readonly want: 'status' }
  | { readonly want: 'vote'; readonly epoch: number; readonly journalId: number }
  /** `added`: what its own metadata has of its joining; absent without any. */
  | {
      readonly want: 'follow';
      readonly me: Pick<FrontendRecord, 'host' | 'editLogPort' | 'version' | 'ports' | 'startedAt'>;
      readonly added?: number;
    }
  | { readonly want: 'execute'; readonly user: string; readonly sql: string };

const Status = z.object({ host: z.string(), master: z.string().optional(), journalId: z.number(), epoch: z.number(), clusterId: z.string() });
/** What a front end says of itself. `master`: whom it follows, or itself. */
export type PeerStatus = z.output<typeof Status>;

/** How long a peer has to take a connection and answer; ms. */
const PEER_MS = 3_000;

interface Address {
  readonly host: string;
  readonly editLogPort: number;
}

/** What a peer says of itself; `undefined`: no answer. */
export async function askStatus(container: Container, peer: Address, signal: AbortSignal): Promise<PeerStatus | undefined> {
  const answer = await ask(container, peer, { want: 'status' }, signal);
  const read = Status.safeParse(answer);
  return read.success ? read.data : undefined;
}

/** Whether a peer lets us lead in `epoch`; no answer is a no. */
export async function askVote(
  container: Container,
  peer: Address,
  ballot: { readonly epoch: number; readonly journalId: number },
  signal: AbortSignal,
): Promise<boolean> {
  return (await ask(container, peer, { want: 'vote', ...ballot }, signal)) === true;
}

/** Has the master execute a statement; `undefined`: no answer. */
export async function askExecute(container: Container, master: Address, user: string, sql: string, signal: AbortSignal): Promise<Answer | undefined> {
  // Sound: the peer is this same program.
  return (await ask(container, master, { want: 'execute', user, sql }, signal)) as Answer | undefined;
}

async function ask(container: Container, peer: Address, hello: Hello, signal: AbortSignal): Promise<unknown> {
  using limit = alarm(container.clock, PEER_MS);
  const any = AbortSignal.any([signal, limit.signal]);
  try {
    using line = lines(await container.network.connect({ host: peer.host, port: peer.editLogPort }, any));
    const hangUp = () => line[Symbol.dispose]();
    any.addEventListener('abort', hangUp, { once: true });
    line.send(hello);
    const answer = await next(line[Symbol.asyncIterator]());
    any.removeEventListener('abort', hangUp);
    return answer;
  } catch {
    return undefined; // nobody there: for an election the same as a peer that is down
  }
}

/** Opens the journal of the master; `undefined`: nobody there. */
export async function openJournal(
  container: Container,
  master: Address,
  { me, added }: { readonly me: Extract<Hello, { want: 'follow' }>['me']; readonly added: number | undefined },
  signal: AbortSignal,
): Promise<Lines | undefined> {
  using limit = alarm(container.clock, PEER_MS);
  try {
    const line = lines(await container.network.connect({ host: master.host, port: master.editLogPort }, AbortSignal.any([signal, limit.signal])));
    line.send({ want: 'follow', me, ...(added === undefined ? {} : { added }) } satisfies Hello);
    return line;
  } catch {
    return undefined;
  }
}

/** A journal entry: the metadata after it, or that the peer is no member. */
export type Entry = { readonly metadata: Metadata } | { readonly refused: string };
