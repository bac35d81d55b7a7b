import type { Duplex } from 'node:stream';
import { NetworkError, alarm, requestOver } from '@binnacle/client';
import type { Clock, Network } from '@binnacle/client';
import type { OptionalMandate } from '@binnacle/runtime';
import type { MemberAddress } from './connection.ts';
import { MemberError } from './error.ts';

/** Time limit of the whole request; ms. */
const LIMIT_MS = 5_000;
/** Pages have some hundred bytes. */
const PAGE_BYTES_MOST = 64 * 1024;

export interface RestRequest {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body: string;
}

/**
 * One request to a member's REST port, over a connection of its own: members promise no keep-alive.
 * @throws {MemberError} `unreachable` or `lost`, also for any status but 200; the signal's reason when aborted.
 */
export async function rest(
  doors: { readonly network: Network; readonly clock: Clock },
  address: MemberAddress,
  asked: RestRequest,
  { signal, mustLead }: OptionalMandate,
): Promise<string> {
  using limit = alarm(doors.clock, LIMIT_MS);
  const either = AbortSignal.any([signal, limit.signal]);
  try {
    const stream = await doors.network.connect(address, either);
    try {
      mustLead?.();
      return await send(stream, address.host, asked, either);
    } finally {
      stream.destroy();
    }
  } catch (error) {
    signal.throwIfAborted();
    const code = error instanceof NetworkError ? 'unreachable' : 'lost';
    throw new MemberError(code, `${address.host}:${address.port}: no answer to ${asked.method} ${asked.path}`, { cause: error });
  }
}

async function send(stream: Duplex, host: string, asked: RestRequest, signal: AbortSignal): Promise<string> {
  const { status, body } = await requestOver(stream, host, asked, { bytesMost: PAGE_BYTES_MOST, signal });
  if (status !== 200) throw new Error(`status ${status}`);
  return body;
}
