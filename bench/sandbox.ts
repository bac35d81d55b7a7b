import { connect, systemClock, undiciTransport } from '@binnacle/client';
import type { Api } from '@binnacle/client';
import { ConfigMap } from '@binnacle/client/kinds';
import { silentLogger } from '@binnacle/runtime';
import { startSandbox } from '@binnacle/sandbox';
import type { Figure } from './table.ts';

const OBJECTS = 3_000;
const PARALLEL = 16;
const WATCHERS = 20;

/** The sandbox alone: start, calls, watches. */
export async function measureSandbox(): Promise<readonly Figure[]> {
  const clock = systemClock();
  const began = performance.now();
  await using sandbox = await startSandbox({ clock, log: silentLogger, images: [] });
  const { url, ca } = await sandbox.listen();
  const startMs = performance.now() - began;
  await using api = connect({
    clock,
    userAgent: 'bench',
    transport: undiciTransport({ server: url, ca, credentials: { type: 'token', token: sandbox.adminToken } }),
  });
  await configMap(api, 'warm-up');
  const creates = await rate((index) => configMap(api, `c${index}`));
  const gets = await rate((index) => api.get(ConfigMap, { namespace: 'default', name: `c${index}` }));
  const one = performance.now();
  for (let call = 0; call < 500; call++) await api.get(ConfigMap, { namespace: 'default', name: 'c1' });
  const callMs = (performance.now() - one) / 500;
  const events = await fanOut(api);
  return [
    { name: 'sandbox: start to answering over HTTPS', value: startMs, unit: 'ms', goal: '≤ 1,000 ms' },
    { name: 'creates, 16 at a time', value: creates, unit: '/s', goal: '≥ 3,000/s' },
    { name: 'gets, 16 at a time', value: gets, unit: '/s' },
    { name: 'one get after the other, client and server in one process', value: callMs, unit: 'ms' },
    { name: `events to ${WATCHERS} watchers`, value: events, unit: 'events/s' },
    { name: 'resident memory after it', value: process.memoryUsage().rss / 1e6, unit: 'MB' },
  ];
}

function configMap(api: Api, name: string): Promise<unknown> {
  return api.create(ConfigMap, { metadata: { namespace: 'default', name }, data: { text: 'x'.repeat(200) } } as never);
}

/** Calls a second, over all objects. */
async function rate(call: (index: number) => Promise<unknown>): Promise<number> {
  const began = performance.now();
  let next = 0;
  const worker = async () => {
    for (let index = next++; index < OBJECTS; index = next++) await call(index);
  };
  await Promise.all(Array.from({ length: PARALLEL }, worker));
  return OBJECTS / ((performance.now() - began) / 1000);
}

/** Deliveries a second when every watcher sees every object. */
async function fanOut(api: Api): Promise<number> {
  const began = performance.now();
  const follow = async () => {
    let seen = 0;
    for await (const event of api.watch(ConfigMap, { namespace: 'default', sendInitialEvents: true })) {
      if (event.type !== 'BOOKMARK') seen += 1;
      if (seen >= OBJECTS) return;
    }
  };
  await Promise.all(Array.from({ length: WATCHERS }, follow));
  return (OBJECTS * WATCHERS) / ((performance.now() - began) / 1000);
}
