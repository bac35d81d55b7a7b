import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import type { Spec } from '../src/api/spec.ts';
import type { Statement } from '../src/sql/statements.ts';
import { component, login, sized, story, table } from './cluster-world.ts';
import type { Story } from './cluster-world.ts';
import { traffic } from './traffic.ts';

const TABLETS = 6;
const COPIES = 3;
const CLIENTS = 4;
/** The longest that inserts find no master: an election after a restart; ms. */
const ELECTION_MAX_MS = 10_000;

/**
 * Applies one spec after the other while clients ask, each on a connection of its own through the Service; none of their statements fails but on one that is closed under it, and in the
 * end every row is at every front end, and no row that nobody inserted.
 */
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
  for (const { host } of await s.frontends()) {
    await login(s.w, host.split('.')[0]!, async (fe) => {
      const rows = (await fe.query('SELECT k FROM demo.t' as Statement, new AbortController().signal)).map((row) => Number(row['k'])); // sound: text of our own
      assert.deepEqual(
        [...new Set(rows)].toSorted((a, b) => a - b),
        [...seen.inserted].toSorted((a, b) => a - b),
        `rows at ${host}`,
      );
    });
  }
  t.diagnostic(
    `${answered.inserts} inserts and ${answered.reads} reads answered, ${failed.length} failed; ${closed} sent again on another connection, ${withoutMaster.length} refused while there was no master`,
  );
  assert.deepEqual(failed.slice(0, 5), []);
  assert.ok(answered.inserts > 20 * CLIENTS && answered.reads > 20 * CLIENTS, 'nothing was asked');
  assert.ok(closed > 0, 'no front end that clients were at ever went');
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
  await using s = await underTraffic(t, sized(3, 3), configured(sized(3, 3)));
  for (const name of ['fe', 'be']) {
    const { metadata, status } = await s.set(name);
    assert.equal(status?.observedGeneration, metadata.generation);
    assert.equal(status?.updatedReplicas, 3, `not every pod of ${name} has the new configuration`);
    assert.equal(status?.currentRevision, status?.updateRevision);
  }
});

test('clients that never cease see an upgrade only as closed connections', async (t) => {
  await using s = await underTraffic(t, sized(3, 3), { ...sized(3, 3), version: '2.0.4' });
  assert.ok([...(await s.backends()), ...(await s.frontends())].every((one) => one.version === 'doris-2.0.4'));
});

test('clients that never cease see back ends and front ends leave only as closed connections', async (t) => {
  await using s = await underTraffic(t, sized(3, 5), sized(3, 3), { ...sized(3, 3), fe: component('fe', 1) });
  assert.equal((await s.backends()).length, 3);
  assert.equal((await s.frontends()).length, 1);
});
