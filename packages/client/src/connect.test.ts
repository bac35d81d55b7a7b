import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { collect } from '../test/collect.ts';
import { queryOf, reset, scripted, silence } from '../test/scripted-transport.ts';
import type { Scripted } from '../test/scripted-transport.ts';
import { ApiError, isConflict, isNotFound } from './index.ts';
import { ConfigMap, Deployment, Lease, Namespace, Pod } from './kinds/index.ts';

const at = { namespace: 'd', name: 'a' };
const stored = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { ...at, resourceVersion: '7' }, data: { k: 'v' } };
const status = (code: number, reason: string, more = {}): Scripted => ({
  status: code,
  json: { kind: 'Status', apiVersion: 'v1', status: 'Failure', code, reason, message: `it is ${reason}`, ...more },
});

suite('what is sent', () => {
  test('writes are strict by default and say who writes', async () => {
    const { api, requests } = scripted({ json: stored }, { json: stored }, { json: stored });
    const object = { metadata: at, data: { k: 'é' } };
    await api.create(ConfigMap, object, { fieldManager: 'me', dryRun: true });
    await api.replace(ConfigMap, object, { fieldValidation: 'Warn', subresource: 'status' });
    await api.apply(ConfigMap, object, { fieldManager: 'me', force: true });
    assert.deepEqual(
      requests.map(({ method, path }) => `${method} ${path}`),
      [
        'POST /api/v1/namespaces/d/configmaps?fieldManager=me&dryRun=All&fieldValidation=Strict',
        'PUT /api/v1/namespaces/d/configmaps/a/status?fieldValidation=Warn',
        'PATCH /api/v1/namespaces/d/configmaps/a?fieldManager=me&force=true&fieldValidation=Strict',
      ],
    );
    for (const { body } of requests) assert.deepEqual(JSON.parse(String(body)), { apiVersion: 'v1', kind: 'ConfigMap', ...object });
    assert.deepEqual(
      requests.map(({ headers }) => headers?.['content-type']),
      ['application/json', 'application/json', 'application/apply-patch+yaml'],
    );
    assert.equal(requests[0]?.headers?.['user-agent'], 'test/1');
  });

  test('each kind of patch has its media type', async () => {
    const { api, requests } = scripted({ json: stored }, { json: stored }, { json: stored });
    const operations = [{ op: 'remove', path: '/data/k' }] as const;
    await api.patch(ConfigMap, at, { type: 'json', operations });
    await api.patch(ConfigMap, at, { type: 'merge', body: { data: { k: null } } });
    await api.patch(ConfigMap, at, { type: 'strategic', body: {} });
    assert.deepEqual(
      requests.map(({ headers, body }) => `${headers?.['content-type']} ${String(body)}`),
      [
        'application/json-patch+json [{"op":"remove","path":"/data/k"}]',
        'application/merge-patch+json {"data":{"k":null}}',
        'application/strategic-merge-patch+json {}',
      ],
    );
  });

  test('the scale of a Deployment is sent as a Scale', async () => {
    const scale = { apiVersion: 'autoscaling/v1', kind: 'Scale', metadata: at };
    const { api, requests } = scripted({ json: scale });
    const answer = await api.replace(Deployment, { metadata: at }, { subresource: 'scale' });
    assert.deepEqual(JSON.parse(String(requests[0]?.body)), scale);
    assert.equal(requests[0]?.path, '/apis/apps/v1/namespaces/d/deployments/a/scale?fieldValidation=Strict');
    assert.equal(answer.kind, 'Scale');
  });

  test('a name that is made by the server needs none from us', async () => {
    const { api, requests } = scripted({ json: stored });
    await api.create(ConfigMap, { metadata: { namespace: 'd', generateName: 'a-' } });
    assert.equal(requests[0]?.path.split('?')[0], '/api/v1/namespaces/d/configmaps');
  });

  test('fields of the kind may be written, as many as one likes, and no others', async () => {
    const { api, requests } = scripted({ json: stored }, { json: stored });
    await api.create(ConfigMap, { metadata: at, data: { key: 'value' } });
    // @ts-expect-error a ConfigMap has no spec
    await api.create(ConfigMap, { metadata: at, spec: {} });
    assert.deepEqual(JSON.parse(String(requests[0]?.body)).data, { key: 'value' });
  });

  test('nothing is sent that would mean more than was said', async () => {
    const { api, requests } = scripted();
    const refused = { reason: 'BadRequest', code: 400 };
    for (const name of ['', '.', '..', 'a/b', 'a%2fb']) {
      await assert.rejects(api.delete(ConfigMap, { namespace: 'd', name }), refused, name);
      await assert.rejects(api.deleteCollection(ConfigMap, { namespace: name }), refused, name);
    }
    await assert.rejects(api.get(ConfigMap, { name: 'a' }), { ...refused, message: 'configmaps a: a namespace is needed' });
    await assert.rejects(api.create(ConfigMap, { metadata: { name: 'a' } }), refused);
    await assert.rejects(api.deleteCollection(Namespace, { namespace: 'd' }), refused);
    assert.equal(requests.length, 0);
  });

  test('a deletion says how and of what', async () => {
    const { api, requests } = scripted({ json: { kind: 'Status', apiVersion: 'v1', status: 'Success' } }, { json: { metadata: {}, items: [] } });
    await api.delete(ConfigMap, at, { propagation: 'Orphan', gracePeriodSeconds: 0, preconditions: { uid: 'u' } });
    await api.deleteCollection(ConfigMap, { namespace: 'd', labelSelector: 'x=y' });
    assert.deepEqual(JSON.parse(String(requests[0]?.body)), {
      apiVersion: 'v1',
      kind: 'DeleteOptions',
      propagationPolicy: 'Orphan',
      gracePeriodSeconds: 0,
      preconditions: { uid: 'u' },
    });
    assert.equal(requests[1]?.path, '/api/v1/namespaces/d/configmaps?labelSelector=x%3Dy');
  });
});

suite('what comes back', () => {
  test('fields that we know nothing of survive reading and writing back (regression 15)', async () => {
    const odd = { ...stored, spec: { 'x-kubernetes-int-or-string': true, deep: [{ fromTheFuture: null }] } };
    const { api, requests } = scripted({ json: odd }, { json: odd });
    await api.replace(ConfigMap, await api.get(ConfigMap, at));
    assert.deepEqual(JSON.parse(String(requests[1]?.body)), odd);
  });

  test('the microseconds of a Lease stay what they are (regression 16)', async () => {
    const lease = { ...stored, apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', spec: { renewTime: '2026-01-01T00:00:00.123456Z' } };
    const { api, requests } = scripted({ json: lease }, { json: lease });
    await api.replace(Lease, await api.get(Lease, at));
    assert.deepEqual(JSON.parse(String(requests[1]?.body)), lease);
  });

  test('deleting gives the object only while something keeps it', async () => {
    const going = { ...stored, metadata: { ...stored.metadata, deletionTimestamp: '2026-01-01T00:00:00Z', deletionGracePeriodSeconds: 0 } };
    const { api } = scripted(
      { json: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details: { name: 'a', uid: 'u' } } },
      { json: { ...going, metadata: { ...going.metadata, finalizers: ['x.io/y'] } } },
      { json: { ...going, metadata: { ...going.metadata, deletionGracePeriodSeconds: 30 } } },
      { json: going }, // a pod that was on no node: gone at once
    );
    const outcomes: boolean[] = [];
    for (let n = 0; n < 4; n += 1) outcomes.push((await api.delete(Pod, at)) !== undefined);
    assert.deepEqual(outcomes, [false, true, true, false]);
  });

  test('log lines come without their ends, the last one too', async () => {
    const { api, requests } = scripted({ chunks: ['one\ntw', 'o\n\nthr', 'ee'] });
    assert.deepEqual(await collect(api.logs(at, { container: 'c', tailLines: 9, timestamps: true })), ['one', 'two', '', 'three']);
    assert.equal(requests[0]?.path, '/api/v1/namespaces/d/pods/a/log?container=c&tailLines=9&timestamps=true');
  });

  test('a followed log may be quiet for hours, and ends with the signal', async () => {
    const { api, clock, requests } = scripted({ chunks: ['one\n', silence] });
    const controller = new AbortController();
    const log = api.logs(at, { follow: true, signal: controller.signal })[Symbol.asyncIterator]();
    assert.equal((await log.next()).value, 'one');
    const next = log.next();
    clock.advance(24 * 3600 * 1000);
    const reason = new Error('enough');
    controller.abort(reason);
    await assert.rejects(next, reason);
    assert.equal(queryOf(requests[0])['follow'], 'true');
  });

  test('any other path gives its JSON', async () => {
    const { api, requests } = scripted({ json: { gitVersion: 'v1.36.0' } }, {});
    assert.deepEqual(await api.raw({ method: 'GET', path: '/version' }), { gitVersion: 'v1.36.0' });
    assert.equal(await api.raw({ method: 'PATCH', path: '/x', body: { a: 1 } }), undefined);
    assert.equal(requests[1]?.headers?.['content-type'], 'application/merge-patch+json');
  });
});

suite('what was refused', () => {
  const failure = async (answer: Scripted): Promise<ApiError> => {
    const error = await scripted(answer)
      .api.get(ConfigMap, at)
      .catch((thrown: unknown) => thrown);
    assert.ok(error instanceof ApiError, String(error));
    return error;
  };

  test('a Status is an error with its reason and its causes', async () => {
    const causes = [{ reason: 'FieldValueInvalid', message: 'too long', field: 'spec.x' }];
    const error = await failure(status(422, 'Invalid', { details: { causes } }));
    assert.deepEqual([error.code, error.reason, error.message, error.causes], [422, 'Invalid', 'it is Invalid', causes]);
    assert.ok(isNotFound(await failure(status(404, 'NotFound'))));
    assert.ok(isConflict(await failure(status(409, 'Conflict'))));
    assert.equal((await failure(status(429, ''))).reason, 'TooManyRequests');
  });

  test('Retry-After is read as seconds, as a date, and from the Status', async () => {
    const busy = status(429, 'TooManyRequests');
    assert.equal((await failure({ ...busy, headers: { 'retry-after': '7' } })).retryAfterMs, 7000);
    assert.equal((await failure({ ...busy, headers: { 'retry-after': 'Thu, 01 Jan 2026 00:00:09 GMT' } })).retryAfterMs, 9000);
    assert.equal((await failure({ ...busy, headers: { 'retry-after': 'Thu, 01 Jan 2015 00:00:09 GMT' } })).retryAfterMs, 0);
    assert.equal((await failure({ ...busy, headers: { 'retry-after': 'soon' } })).retryAfterMs, undefined);
    assert.equal((await failure(status(503, 'ServiceUnavailable', { details: { retryAfterSeconds: 3 } }))).retryAfterMs, 3000);
    assert.equal((await failure(busy)).retryAfterMs, undefined);
  });

  test('lists and watches tell Retry-After as well (regression 3)', async () => {
    const answer = { ...status(503, 'ServiceUnavailable'), headers: { 'retry-after': '2' } };
    await assert.rejects(scripted(answer).api.list(ConfigMap), { code: 503, retryAfterMs: 2000 });
    await assert.rejects(collect(scripted(answer).api.watch(ConfigMap)), { code: 503, retryAfterMs: 2000 });
    await assert.rejects(collect(scripted(answer).api.logs(at)), { code: 503, retryAfterMs: 2000 });
  });

  test('a load balancer’s page does not make objects vanish or conflict', async () => {
    const page = (code: number, text: string) => failure({ status: code, chunks: [text] });
    assert.equal((await page(404, '<html>nothing here</html>')).reason, 'Unreadable');
    assert.equal((await page(409, 'hm')).reason, 'Unreadable');
    assert.equal((await page(302, '')).reason, 'Unreadable');
    assert.equal((await page(502, '<html>bad\n gateway</html>')).message, 'the API server answered 502: <html>bad gateway</html>');
    assert.equal((await page(503, '')).reason, 'ServiceUnavailable');
    assert.equal((await page(404, '404 page not found\n')).reason, 'NotFound'); // the API server itself: no such group
  });

  test('an answer that is no Kubernetes is Unreadable', async () => {
    for (const chunks of [['<html>'], ['{"metadata":'], ['[]'], ['"x"'], []]) assert.equal((await failure({ chunks })).reason, 'Unreadable', chunks[0]);
  });

  test('an answer without end is left, and its connection with it', async () => {
    const megabyte = new Uint8Array(1024 * 1024);
    const { api, signals } = scripted({ chunks: Array.from({ length: 300 }, () => megabyte) });
    await assert.rejects(api.get(ConfigMap, at), { reason: 'Unreadable' });
    assert.equal(signals[0]?.aborted, true);
  });

  test('an answer that breaks off is Unreachable', async () => {
    assert.equal((await failure({ chunks: ['{"meta', reset] })).reason, 'Unreachable');
  });

  test('who aborts gets the own reason back, and nothing is sent when it was before', async () => {
    const reason = new Error('enough');
    const { api, requests } = scripted();
    await assert.rejects(api.get(ConfigMap, at, { signal: AbortSignal.abort(reason) }), reason);
    await assert.rejects(collect(api.watch(ConfigMap, { signal: AbortSignal.abort(reason) })), reason);
    assert.equal(requests.length, 0);
  });
});
