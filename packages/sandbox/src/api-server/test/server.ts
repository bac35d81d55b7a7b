import { connect } from '@binnacle/client';
import type { Api, Network, Request } from '@binnacle/client';
import { virtualClock } from '@binnacle/testing';
import type { VirtualClock } from '@binnacle/testing';
import { createApiServer } from '../index.ts';
import type { ApiServer, User } from '../index.ts';

export const ADMIN: User = { name: 'admin', groups: ['system:masters'] };

/** An answer, read to its end. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  /** The body as JSON. */
  readonly json: any;
}

/** A server on virtual time, and the admin's ways to it. */
export interface TestServer extends AsyncDisposable {
  readonly server: ApiServer;
  readonly clock: VirtualClock;
  readonly api: Api;
  /** Sends a request as it is; `body` as JSON. */
  ask(method: Request['method'], path: string, body?: unknown, headers?: Readonly<Record<string, string>>, user?: User): Promise<Answer>;
  /** Opens a watch and answers its lines one by one. */
  watch(path: string, headers?: Readonly<Record<string, string>>): AsyncGenerator<{ readonly type: string; readonly object: any }>;
}

export async function testServer(
  options: { readonly state?: string; readonly seed?: number; readonly history?: number; readonly network?: () => Network } = {},
): Promise<TestServer> {
  const clock = virtualClock();
  const server = await createApiServer({ clock, seed: 1, ...options });
  const admin = server.transport(ADMIN);
  const api = connect({ transport: admin, clock, userAgent: 'test' });
  const never = new AbortController();
  return {
    server,
    clock,
    api,
    async ask(method, path, body, headers = {}, user) {
      const transport = user === undefined ? admin : server.transport(user);
      const sent = { method, path, headers: { 'content-type': 'application/json', ...headers } };
      const response = await transport.send(body === undefined ? sent : { ...sent, body: JSON.stringify(body) }, never.signal);
      const text = await read(response.body);
      return { status: response.status, headers: response.headers, text, json: text.startsWith('{') ? JSON.parse(text) : undefined };
    },
    async *watch(path, headers = {}) {
      const stop = new AbortController();
      try {
        const response = await admin.send({ method: 'GET', path, headers }, stop.signal);
        let rest = '';
        for await (const chunk of response.body) {
          const lines = (rest + Buffer.from(chunk).toString()).split('\n');
          rest = lines.pop()!;
          for (const line of lines) yield JSON.parse(line);
        }
      } finally {
        stop.abort();
      }
    },
    async [Symbol.asyncDispose]() {
      never.abort();
      await api[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

async function read(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

/** What is sent for a patch of a type. */
export const PATCH = {
  merge: { 'content-type': 'application/merge-patch+json' },
  json: { 'content-type': 'application/json-patch+json' },
  strategic: { 'content-type': 'application/strategic-merge-patch+json' },
  apply: { 'content-type': 'application/apply-patch+yaml' },
} as const;

/** A definition of Things, with status and scale. `spec`: the schema of their spec. */
export function thingDefinition(spec: Readonly<Record<string, unknown>> = { size: { type: 'integer', default: 3, maximum: 10 } }) {
  return {
    metadata: { name: 'things.ex.io' },
    spec: {
      group: 'ex.io',
      scope: 'Namespaced',
      names: { plural: 'things', kind: 'Thing', shortNames: ['th'] },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          subresources: { status: {}, scale: { specReplicasPath: '.spec.size', statusReplicasPath: '.status.size' } },
          additionalPrinterColumns: [{ name: 'Size', type: 'integer', jsonPath: '.spec.size' }],
          schema: {
            openAPIV3Schema: {
              type: 'object',
              properties: {
                spec: { type: 'object', properties: spec },
                status: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
              },
            },
          },
        },
      ],
    },
  };
}

export const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
export const THINGS = '/apis/ex.io/v1/namespaces/default/things';
/** What an object of it says it is. */
export const THING = { apiVersion: 'ex.io/v1', kind: 'Thing' };
export const CONFIG = '/api/v1/namespaces/default/configmaps';
