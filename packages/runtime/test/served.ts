import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:tls';
import type { Clock } from '@binnacle/client';
import { Secret, ValidatingWebhookConfiguration } from '@binnacle/client/kinds';
import { invalid } from '@binnacle/schema';
import { controller } from '../src/controller.ts';
import { silentLogger } from '../src/logger.ts';
import { operator } from '../src/operator/operator.ts';
import { runOperator } from '../src/operator/run.ts';
import type { WebhookOptions } from '../src/webhook/serve.ts';
import { fakeApi } from './fake-api.ts';
import type { FakeApi } from './fake-api.ts';
import { Widget } from './widget.ts';

/** Widgets never shrink, and are never of size 13. */
export const Strict: typeof Widget = {
  ...Widget,
  check: (now, before) => [
    ...(now.spec.size === 13 ? [invalid('spec.size', 13, 'brings bad luck')] : []),
    ...(before !== undefined && now.spec.size < before.spec.size ? [invalid('spec.size', now.spec.size, 'may not shrink')] : []),
  ],
};
/** Has one kind and nothing to do. */
export const OPERATOR = operator({ name: 'test', controllers: [controller(Strict, { steps: [] })] });
export const SECRET = { namespace: 'system', name: 'test-webhook' };
export const CONFIGURATION = { name: 'test-operator' };
export const DAY_MS = 24 * 3_600_000;
/** So far behind with the bundle may a client be. */
export const LATE_MS = 6 * 3_600_000;

/** An API server with what an installation brings. */
export function installed(): FakeApi {
  const api = fakeApi();
  api.meddle(Secret, SECRET, (object) => object);
  api.meddle(ValidatingWebhookConfiguration, CONFIGURATION, (object) => object);
  return api;
}

const ALONE: WebhookOptions = { port: 0, host: '127.0.0.1', namespace: 'system', reach: { host: '127.0.0.1' } };

/** An operator with its webhook, until it is disposed of. */
export function served(api: FakeApi, clock: Clock, { log = silentLogger, webhook = ALONE } = {}): AsyncDisposable {
  const stop = new AbortController();
  const ended = runOperator(OPERATOR, { api, clock, log, namespaces: 'all', leaderElection: false, signal: stop.signal, webhook });
  return {
    async [Symbol.asyncDispose]() {
      stop.abort();
      await ended;
    },
  };
}

/** The first webhook that is announced. */
export const config = (api: FakeApi) => api.peek(ValidatingWebhookConfiguration, CONFIGURATION)?.['webhooks']?.[0];
/** A text in the Secret with the certificates. */
export const inSecret = (api: FakeApi, key: string) => Buffer.from(api.peek(Secret, SECRET)?.['data']?.[key] ?? '', 'base64').toString();

/** Lets what is under way go on, in real time. */
export async function turns(until: () => boolean): Promise<void> {
  while (!until()) await new Promise<void>((resolve) => setImmediate(resolve));
}

/** The certificate that a server shows, trusted or not. */
export async function shown(port: number): Promise<X509Certificate> {
  const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  const certificate = socket.getPeerX509Certificate()!;
  socket.destroy();
  return certificate;
}
