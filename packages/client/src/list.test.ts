import assert from 'node:assert/strict';
import { test } from 'node:test';
import { queryOf, scripted } from '../test/scripted-transport.ts';
import { ConfigMap } from './kinds/index.ts';

const expired = { status: 410, json: { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason: 'Expired', code: 410, metadata: { continue: 'fresh' } } };
const page = (names: string, next?: string) => ({
  json: {
    metadata: { resourceVersion: '9', ...(next === undefined ? {} : { continue: next }) },
    items: names.split('').map((name) => ({ metadata: { name } })),
  },
});
const namesIn = (items: readonly { readonly metadata: { readonly name: string } }[]) => items.map(({ metadata }) => metadata.name).join('');

test('a long list is read in pages of 500, all from one state', async () => {
  const { api, requests } = scripted(page('ab', 't1'), page('cd', 't2'), page('e'));
  const { items, resourceVersion } = await api.list(ConfigMap, { resourceVersion: '5', labelSelector: 'x' });
  assert.equal(namesIn(items), 'abcde');
  assert.equal(resourceVersion, '9');
  assert.deepEqual(requests.map(queryOf), [
    { labelSelector: 'x', resourceVersion: '5', limit: '500' },
    { labelSelector: 'x', limit: '500', continue: 't1' },
    { labelSelector: 'x', limit: '500', continue: 't2' },
  ]);
});

test('when the state of the pages is gone, all is read again at once, and nothing twice', async () => {
  const { api, requests } = scripted(page('ab', 't1'), expired, page('abc'));
  assert.equal(namesIn((await api.list(ConfigMap)).items), 'abc');
  assert.deepEqual(queryOf(requests[2]), {});
});

test('a first page that is expired is the caller’s to know', async () => {
  const { api } = scripted(expired);
  await assert.rejects(api.list(ConfigMap, { resourceVersion: '1' }), { reason: 'Expired' });
});

test('a server that sends us round in circles is not followed', async () => {
  const { api } = scripted(page('a', 't'), page('a', 't'), page('a', 't'));
  await assert.rejects(api.list(ConfigMap), { reason: 'Unreadable' });
});

test('an empty list may be null', async () => {
  const { api } = scripted({ json: { metadata: { resourceVersion: '3' }, items: null } });
  assert.deepEqual(await api.list(ConfigMap), { items: [], resourceVersion: '3' });
});

test('a list is not taken from an answer that is none', async () => {
  for (const json of [[], { items: [] }, { metadata: {}, items: {} }, { metadata: {}, items: [1] }, 'x']) {
    await assert.rejects(scripted({ json }).api.list(ConfigMap), { reason: 'Unreadable' }, JSON.stringify(json));
  }
});
