import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hookServer } from '../admission/test/hook-server.ts';
import { DEFINITIONS, PATCH, testServer, thingDefinition } from './server.ts';
import type { TestServer } from './server.ts';

const path = (version: string) => `/apis/ex.io/${version}/namespaces/default/things`;
const thing = (version: string, name: string, spec: object) => ({ apiVersion: `ex.io/${version}`, kind: 'Thing', metadata: { name }, spec });

/** A server of things that are stored as `v1`, with a size, and shown as `v2` as well, with a width, converted behind the service `hooks` while `works`. */
async function world() {
  await using started = new AsyncDisposableStack();
  const state = { works: true };
  const hooks = started.use(
    await hookServer(({ uid, desiredAPIVersion, objects }) => {
      if (!state.works) return { status: 500, text: 'out of order' };
      const convertedObjects = objects.map(({ spec: { size, width }, ...rest }: any) => ({
        ...rest,
        apiVersion: desiredAPIVersion,
        spec: desiredAPIVersion === 'ex.io/v1' ? { size: width } : { width: size },
      }));
      const response = { uid, convertedObjects, result: { status: 'Success' } };
      return { status: 200, text: JSON.stringify({ kind: 'ConversionReview', apiVersion: 'apiextensions.k8s.io/v1', response }) };
    }),
  );
  const server: TestServer = started.use(await testServer({ network: () => hooks.network }));
  const { spec, ...rest } = thingDefinition();
  const v2 = { type: 'object', properties: { spec: { type: 'object', properties: { width: { type: 'integer' } } } } };
  const versions = [
    ...spec.versions,
    { name: 'v2', served: true, storage: false, selectableFields: [{ jsonPath: '.spec.width' }], schema: { openAPIV3Schema: v2 } },
  ];
  const service = { namespace: 'default', name: 'hooks', port: 8443, path: '/convert' };
  const conversion = { strategy: 'Webhook', webhook: { conversionReviewVersions: ['v1'], clientConfig: { service, caBundle: hooks.caBundle } } };
  const defined = await server.ask('POST', DEFINITIONS, { ...rest, spec: { ...spec, versions, conversion } });
  assert.equal(defined.status, 201, defined.text);
  const all = started.move();
  return { ...server, hooks, state, [Symbol.asyncDispose]: () => all.disposeAsync() };
}

test('objects are converted behind a service, and chosen by the fields that they have then', async () => {
  await using w = await world();
  await w.ask('POST', path('v1'), thing('v1', 'a', { size: 1 }));
  await w.ask('POST', path('v2'), thing('v2', 'b', { width: 2 }));
  assert.equal(w.hooks.asked[0]!.path, '/convert?timeout=30s');
  const list = async (query: string) => (await w.ask('GET', `${path('v2')}${query}`)).json.items.map((item: any) => [item.metadata.name, item.spec]);
  assert.deepEqual(await list('?fieldSelector=spec.width%3D2'), [['b', { width: 2 }]]);
  assert.deepEqual(await list('?limit=1'), [['a', { width: 1 }]]);
  assert.equal((await w.ask('GET', `${path('v1')}/b`)).json.spec.size, 2);
  const gone = await w.ask('DELETE', `${path('v2')}?fieldSelector=spec.width%3D1`);
  assert.deepEqual(
    gone.json.items.map((item: any) => item.metadata.name),
    ['a'],
  );
});

test('a watch of a selection hears what is converted, in order; what is not converted ends it', async () => {
  await using w = await world();
  await w.ask('POST', path('v1'), thing('v1', 'a', { size: 1 }));
  await using events = w.watch(`${path('v2')}?watch=true&fieldSelector=spec.width%3D1`);
  const next = async () => {
    const { type, object } = (await events.next()).value!;
    return [type, object.apiVersion, object.spec?.width, object.message];
  };
  assert.deepEqual(await next(), ['ADDED', 'ex.io/v2', 1, undefined]);
  await w.ask('PATCH', `${path('v1')}/a`, { spec: { size: 2 } }, PATCH.merge);
  await w.ask('PATCH', `${path('v1')}/a`, { spec: { size: 1 } }, PATCH.merge);
  assert.deepEqual(await next(), ['DELETED', 'ex.io/v2', 1, undefined]);
  assert.deepEqual(await next(), ['ADDED', 'ex.io/v2', 1, undefined]);
  w.state.works = false;
  await w.ask('DELETE', `${path('v1')}/a`);
  const why = 'conversion webhook for ex.io/v1, Kind=Thing failed: an error on the server ("out of order") has prevented the request from succeeding';
  assert.deepEqual(await next(), ['ERROR', 'v1', undefined, why]);
  assert.equal((await events.next()).done, true);
});

test('an admission webhook is asked in the version that it names, converted for it', async () => {
  await using w = await world();
  await using admission = await hookServer(() => ({ allowed: true }));
  const rules = [{ apiGroups: ['ex.io'], apiVersions: ['v2'], resources: ['things'], operations: ['CREATE'] }];
  await w.ask('POST', '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations', {
    metadata: { name: 'own' },
    webhooks: [
      {
        name: 'v2.hooks.ex.io',
        rules,
        clientConfig: { url: admission.url, caBundle: admission.caBundle },
        sideEffects: 'None',
        admissionReviewVersions: ['v1'],
      },
    ],
  });
  assert.equal((await w.ask('POST', path('v1'), thing('v1', 'a', { size: 3 }))).status, 201);
  const { object, kind, requestKind } = admission.asked[0]!;
  assert.deepEqual([object.apiVersion, object.spec, kind.version, requestKind.version], ['ex.io/v2', { width: 3 }, 'v2', 'v1']);
});

test('a definition that goes takes objects along that nobody can convert any more', async () => {
  await using w = await world();
  await w.ask('POST', path('v1'), thing('v1', 'a', { size: 1 }));
  w.state.works = false;
  assert.equal((await w.ask('DELETE', `${path('v2')}/a`)).status, 500);
  await w.ask('DELETE', `${DEFINITIONS}/things.ex.io`);
  assert.equal((await w.ask('GET', `${DEFINITIONS}/things.ex.io`)).status, 404);
});
