import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLogger } from '@binnacle/runtime';
import type { View, Write } from '@binnacle/runtime';
import type { AnyKind } from '@binnacle/client';
import { virtualClock } from '@binnacle/testing';
import { hazelcastOperator } from '../src/index.ts';
import { center } from './center.ts';

const network = { connect: () => Promise.reject(new Error('nobody is reached')) };
const hooks = (openShift = false) => hazelcastOperator({ network, clock: virtualClock(), log: silentLogger, openShift }).hooks;

/** What the guard of this name says of a write. */
function say(name: string, write: Partial<Write<AnyKind>>): string {
  const found = hooks().find((hook) => hook.name === name);
  assert.ok(found?.type === 'guard');
  const view = undefined as unknown as View; // sound: it is not looked at
  const verdict = found.review({ ref: { namespace: 'default', name: 'mc' }, user: 'somebody', ...write } as Write<AnyKind>, view);
  return verdict.type === 'allow' ? 'allow' : verdict.message;
}

test('a Route is refused when it is asked for where there are none; an object that has one stays editable', () => {
  const object = center({ externalConnectivity: { route: { hostname: '' } } }) as never;
  assert.match(say('route-without-openshift', { object }), /^spec.externalConnectivity.route: Forbidden: .* use an ingress$/);
  assert.equal(say('route-without-openshift', { object, before: object }), 'allow');
  assert.equal(say('route-without-openshift', { object: center() as never }), 'allow');
  assert.ok(!hooks(true).some((hook) => hook.name === 'route-without-openshift'));
});
