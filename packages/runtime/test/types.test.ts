import { test } from 'node:test';
import { ConfigMap, Pod, Secret } from '@binnacle/client/kinds';
import { done } from '../src/outcome.ts';
import { step } from '../src/step.ts';
import { Widget } from './widget.ts';

test('what a step did not declare does not compile', () => {
  step('types', Widget, { owns: [ConfigMap], reads: [Secret] }, async (object, cx) => {
    await cx.apply(ConfigMap, { name: 'a', data: { size: String(object.spec.size) } });
    await cx.get(Secret, 'a');
    // @ts-expect-error Secret is only read: nothing grants writing it
    await cx.apply(Secret, { name: 'a' });
    // @ts-expect-error Pod is not declared at all
    await cx.get(Pod, 'a');
    // @ts-expect-error ConfigMap data are strings
    await cx.apply(ConfigMap, { name: 'a', data: { size: 1 } });
    // @ts-expect-error cached objects belong to everybody
    object.spec.size = 2;
    const live = await cx.get(ConfigMap, 'a');
    // @ts-expect-error deeply so
    if (live?.data !== undefined) live.data['size'] = '2';
    // @ts-expect-error the status has no such field
    cx.status({ mad: 1 });
    // @ts-expect-error nor is it a string
    cx.status({ made: '1' });
    return done;
  });
});
