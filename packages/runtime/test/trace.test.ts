import assert from 'node:assert/strict';
import { AsyncLocalStorage } from 'node:async_hooks';
import { test } from 'node:test';
import { ConfigMap } from '@binnacle/client/kinds';
import { controller } from '../src/controller.ts';
import { done } from '../src/outcome.ts';
import { step } from '../src/step.ts';
import type { Trace } from '../src/trace.ts';
import { fakeApi } from './fake-api.ts';
import { running } from './run.ts';
import { PLACE, Widget } from './widget.ts';

test('a trace shows each pass, the steps in it and the requests in those, by name and without contents', async () => {
  const spans: string[] = [];
  const inside = new AsyncLocalStorage<string>();
  // As a tracer does it: what is awaited within a span is inside it.
  const trace: Trace = async (name, attributes, run) => {
    const path = `${inside.getStore() ?? ''}/${name} ${Object.values(attributes).join(' ')}`;
    spans.push(path);
    return await inside.run(path, run);
  };
  const api = fakeApi();
  api.meddle(Widget, PLACE, (object) => ({ ...object, spec: { size: 1 } }));
  const child = step('child', Widget, { owns: [ConfigMap] }, async (_object, cx) => {
    await cx.apply(ConfigMap, { name: 'w', data: { password: 'hidden' } });
    return done;
  });
  await using it = running(api, [controller(Widget, { steps: [child] })], { trace });
  await it.quiet();
  const pass = '/reconcile widget prod w';
  assert.deepEqual(spans.slice(0, 4), [pass, `${pass}/step child`, `${pass}/step child/request PATCH configmaps`, `${pass}/request PATCH widgets.example.com`]);
  assert.ok(!spans.join().includes('hidden'));
});
