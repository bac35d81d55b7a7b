import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { request } from 'node:https';
import { test } from 'node:test';
import { isNotFound, systemClock } from '@binnacle/client';
import { Secret, ValidatingWebhookConfiguration } from '@binnacle/client/kinds';
import { invalid } from '@binnacle/schema';
import { certificatesIn } from '../src/certificates/rotation.ts';
import { validityOf } from '../src/certificates/certificate.ts';
import { webhooks } from '../src/webhook/review.ts';
import { webhookManifests } from '../src/webhook/configuration.ts';
import { virtualClock } from './clock.ts';
import { fakeApi } from './fake-api.ts';
import { CONFIGURATION, DAY_MS, LATE_MS, OPERATOR, SECRET, Strict, config, inSecret, installed, served, shown, turns } from './served.ts';
import { warningsIn } from './warnings.ts';

const widget = (size: number, metadata: object = {}) => ({
  apiVersion: 'example.com/v1',
  kind: 'Widget',
  metadata: { name: 'w', ...metadata },
  spec: { size },
});

function review(operation: string, object: object | null, oldObject: object | null) {
  const kind = { group: 'example.com', version: 'v1', kind: 'Widget' };
  return { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', request: { uid: 'u', kind, name: 'w', operation, object, oldObject } };
}

test('a declaration judges what is new or changed, with the object as it was', () => {
  const judge = webhooks(Strict);
  const { uid, allowed, status } = judge(review('UPDATE', widget(2), widget(3))).response;
  assert.deepEqual([uid, allowed, status?.code, status?.reason], ['u', false, 422, 'Invalid']);
  assert.equal(status?.message, 'Widget.example.com "w" is invalid: spec.size: Invalid value: 2: may not shrink');
  assert.equal(status?.details?.causes[0]?.field, 'spec.size');
  assert.equal(judge(review('CREATE', widget(13), null)).response.allowed, false);
  assert.deepEqual(judge(review('CREATE', widget(2), null)).response, { uid: 'u', allowed: true });
  assert.throws(() => judge({ kind: 'Pod' }), /not an AdmissionReview/);
});

test('nothing that ends an object or keeps it up is refused, however wrong the object is', () => {
  const judge = webhooks(Strict);
  const allowed = (operation: string, object: object | null, before: object | null) => judge(review(operation, object, before)).response.allowed;
  assert.ok(allowed('DELETE', null, widget(13)));
  assert.ok(allowed('UPDATE', widget(13, { finalizers: [] }), widget(13, { finalizers: ['f'] })));
  assert.ok(allowed('UPDATE', widget(1, { deletionTimestamp: '2026-01-01T00:00:00Z' }), widget(2)));
});

test('who repairs one fault is not refused for another one that was there before', () => {
  const judge = webhooks({
    ...Strict,
    check: (now) => [invalid('spec.size', 'old', 'was so'), ...(now.spec.colour === 'red' ? [invalid('spec.colour', 'red', 'no')] : [])],
  });
  const red = { ...widget(2), spec: { size: 2, colour: 'red' } };
  const repaired = judge(review('UPDATE', widget(2), red)).response;
  assert.deepEqual([repaired.allowed, repaired.warnings], [true, ['spec.size: Invalid value: "old": was so']]);
  const worse = judge(review('UPDATE', red, widget(2))).response;
  assert.deepEqual(
    worse.status?.details?.causes.map(({ field }) => field),
    ['spec.colour'],
  );
});

test('the configuration names a server that a client with the bundle in it can ask', async () => {
  const api = installed();
  await using _ = served(api, systemClock());
  await turns(() => config(api) !== undefined);
  const { name, clientConfig, rules, failurePolicy } = config(api);
  assert.deepEqual([name, failurePolicy, rules[0].operations], ['validate.widgets.example.com', 'Ignore', ['CREATE', 'UPDATE']]);
  const answer = Promise.withResolvers<string>();
  const sent = request(clientConfig.url, { method: 'POST', ca: Buffer.from(clientConfig.caBundle, 'base64'), agent: false }, (response) => {
    response.on('data', (chunk: Buffer) => answer.resolve(chunk.toString()));
  });
  sent.on('error', answer.reject).end(JSON.stringify(review('CREATE', widget(13), null)));
  assert.equal(JSON.parse(await answer.promise).response.allowed, false);
});

test(
  'eleven months of certificates: whenever one looks, the one shown is signed by one that the API server was told to trust',
  { timeout: 120_000 },
  async () => {
    const api = installed();
    const clock = virtualClock();
    await using _ = served(api, clock);
    await turns(() => config(api) !== undefined);
    const port = Number(new URL(config(api).clientConfig.url).port);
    const first = inSecret(api, 'ca.crt');
    const leaves = new Set<string>();
    for (let day = 0; day < 334; day += 1) {
      await clock.advance(DAY_MS - LATE_MS);
      const trusted = certificatesIn(Buffer.from(config(api).clientConfig.caBundle, 'base64').toString());
      await clock.advance(LATE_MS);
      const leaf = day % 20 === 0 ? await shown(port) : new X509Certificate(inSecret(api, 'tls.crt'));
      leaves.add(leaf.fingerprint256);
      assert.ok(leaf.validToDate.getTime() > clock.now(), `day ${day}: the certificate has run out`);
      const signer = trusted.find((one) => leaf.verify(new X509Certificate(one).publicKey));
      assert.ok(signer !== undefined && validityOf(signer).toMs > clock.now(), `day ${day}: whoever has the bundle of six hours ago refuses`);
    }
    const now = certificatesIn(inSecret(api, 'ca.crt'));
    assert.equal(now.length, 2);
    assert.equal(now[1], certificatesIn(first)[0], 'the old authority is still trusted');
    assert.equal(
      (await shown(port)).fingerprint256,
      new X509Certificate(inSecret(api, 'tls.crt')).fingerprint256,
      'the server shows the newest without a restart',
    );
    assert.ok(leaves.size >= 5, `${leaves.size} certificates`);
  },
);

test('once all is in place nothing is sent, and a second replica serves with the same certificates', async () => {
  const api = installed();
  const clock = virtualClock();
  const first = served(api, clock);
  await turns(() => config(api) !== undefined);
  await clock.advance(DAY_MS);
  const leaf = inSecret(api, 'tls.crt');
  const writes = api.writes().length;
  await clock.advance(5 * DAY_MS);
  assert.equal(api.writes().length, writes);
  await first[Symbol.asyncDispose]();
  await using _second = served(api, clock);
  await clock.advance(DAY_MS);
  assert.equal(inSecret(api, 'tls.crt'), leaf);
});

test('without its Secret the operator runs on, and serves as soon as there is one', async () => {
  const api = fakeApi();
  api.meddle(ValidatingWebhookConfiguration, CONFIGURATION, (object) => object);
  const clock = virtualClock();
  const { log, warnings } = warningsIn();
  await using _ = served(api, clock, { log });
  await clock.advance(60_000);
  await assert.rejects(api.get(Secret, SECRET), isNotFound);
  assert.match(
    String(warnings[0]?.fields['error']),
    /Secret system\/test-webhook, where the certificates are kept, is not there: the manifests of the installation bring it/,
  );
  api.meddle(Secret, SECRET, (object) => object);
  await clock.advance(20_000);
  await turns(() => config(api) !== undefined);
});

test('an operator may fill in its own configuration and its own Secret, no others', () => {
  const objects = webhookManifests(OPERATOR, { namespace: 'system', serviceAccount: 'test-operator' });
  const rules = objects.flatMap((object) => (object['rules'] as readonly object[] | undefined) ?? []);
  assert.deepEqual(rules, [
    {
      apiGroups: ['admissionregistration.k8s.io'],
      resources: ['validatingwebhookconfigurations'],
      resourceNames: ['test-operator'],
      verbs: ['get', 'list', 'watch', 'patch'],
    },
    { apiGroups: [''], resources: ['secrets'], resourceNames: ['test-webhook'], verbs: ['get', 'list', 'watch', 'update'] },
  ]);
});
