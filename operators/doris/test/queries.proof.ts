import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import type { Spec } from '../src/api/spec.ts';
import { component, sized, story, table } from './cluster-world.ts';
import type { Story } from './cluster-world.ts';
import { traffic } from './traffic.ts';

const TABLETS = 6;
const COPIES = 3;
const CLIENTS = 2;
/** The longest that inserts find no master: an election after a restart; ms. */
const ELECTION_MAX_MS = 10_000;

/** Applies one spec after the other while clients ask; none of their statements fails, and every row is there. */
async function underTraffic(t: TestContext, from: Spec, ...to: readonly Spec[]): Promise<Story> {
  const s = await story();
  await s.apply(from);
  await s.ready();
  await s.sql(...table('t', TABLETS, COPIES));
  const seen = traffic(s.w, { service: 'prod-fe.default.svc.cluster.local', table: 'demo.t', clients: CLIENTS });
  await s.w.clock.advance(5_000);
  for (const spec of to) {
    await s.apply(spec);
    await s.ready();
  }
  await s.w.clock.advance(5_000);
  await s.passing(seen.stop());
  const { answered, closed, failed, withoutMaster } = seen;
  t.diagnostic(
    `${answered.inserts} inserts and ${answered.reads} reads answered, ${failed.length} failed; ${closed} sent again on another connection, ${withoutMaster.length} refused while there was no master`,
  );
  assert.deepEqual(failed.slice(0, 5), []);
  assert.ok(answered.inserts > 20 && answered.reads > 20, 'nothing was asked');
  const pauses = withoutMaster.map((at, index) => withoutMaster.slice(index).findLast((later) => later - at <= 2 * ELECTION_MAX_MS)! - at);
  assert.ok(Math.max(0, ...pauses) < ELECTION_MAX_MS, `no master took inserts for ${Math.max(...pauses)} ms`);
  return s;
}

const configured = (spec: Spec): Spec => ({
  ...spec,
  fe: { ...spec.fe!, config: { max_connections: '2000', qe_max_connection: '2048' } },
  be: { ...spec.be!, config: { webserver_port: '8041' } },
});

test('clients that never cease see a rolling configuration only as closed connections', async (t) => {
  await using _ = await underTraffic(t, sized(3, 3), configured(sized(3, 3)));
});

test('clients that never cease see an upgrade only as closed connections', async (t) => {
  await using s = await underTraffic(t, sized(3, 3), { ...sized(3, 3), version: '2.0.4' });
  assert.ok((await s.backends()).every((one) => one.version === 'doris-2.0.4'));
});

test('clients that never cease see back ends and front ends leave only as closed connections', async (t) => {
  await using s = await underTraffic(t, sized(3, 5), sized(3, 3), { ...sized(3, 3), fe: component('fe', 1) });
  assert.equal((await s.backends()).length, 3);
});
