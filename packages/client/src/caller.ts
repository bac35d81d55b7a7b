import { decode } from './answer.ts';
import type { Clock } from './clock.ts';
import { scope } from './scope.ts';
import type { Request, Response, Transport } from './transport.ts';

/** What an API call goes through. */
export interface Wire {
  readonly transport: Transport;
  readonly clock: Clock;
  /** `name/version`. The name is the field manager of writes that give none. */
  readonly userAgent: string;
}

/** A call before it is a request. `body` is sent as JSON whatever `contentType` says: every patch format of the API is JSON, or YAML that JSON is part of. */
export interface Call {
  readonly method: Request['method'];
  readonly path: string;
  readonly body?: unknown;
  readonly contentType?: string;
  /** Default `application/json`. */
  readonly accept?: string;
}

/** Sends a call and gives its JSON; `undefined` for an empty answer. @throws {ApiError} or the signal's reason. */
export async function call(wire: Wire, made: Call, signal: AbortSignal | undefined): Promise<unknown> {
  using open = scope(signal);
  open.signal.throwIfAborted();
  return await decode(await send(wire, made, open.signal), wire.clock);
}

/** Sends a call and gives its answer unread. The caller reads it to its end or aborts `signal`. */
export function send(wire: Wire, made: Call, signal: AbortSignal): Promise<Response> {
  const headers = { accept: made.accept ?? 'application/json', 'user-agent': wire.userAgent };
  if (made.body === undefined) return wire.transport.send({ method: made.method, path: made.path, headers }, signal);
  const body = JSON.stringify(made.body);
  return wire.transport.send(
    { method: made.method, path: made.path, headers: { ...headers, 'content-type': made.contentType ?? 'application/json' }, body },
    signal,
  );
}
