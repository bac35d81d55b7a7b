import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hpa, isIdle } from './hpa.ts';

const spec = (rules: object, more: object = {}) => ({ cluster: 'c', cn: { replicas: { max: 5 }, rules, ...more } });
const measured = (cpu: number, memory?: number) =>
  ({
    status: {
      currentMetrics: [
        { type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: cpu } } },
        ...(memory === undefined ? [] : [{ type: 'Resource', resource: { name: 'memory', current: { averageUtilization: memory } } }]),
      ],
    },
  }) as never;
const targets = (built: ReturnType<typeof hpa>) => built?.spec?.metrics?.map(({ resource }) => [resource?.name, resource?.target.averageUtilization]);

test('nodes are taken away only while every measured use is below its lower threshold', () => {
  const both = spec({ cpu: { max: 90, min: 20 }, memory: { min: 50 } });
  assert.equal(hpa('a', both, false)?.spec?.behavior?.scaleDown?.selectPolicy, 'Disabled');
  assert.equal(hpa('a', both, true)?.spec?.behavior?.scaleDown?.selectPolicy, 'Min');
  assert.deepEqual(
    targets(hpa('a', both, true)),
    [
      ['cpu', 90],
      ['memory', 1000],
    ],
    'memory alone never adds a node',
  );
  assert.equal(isIdle(both, measured(10, 40)), true);
  assert.equal(isIdle(both, measured(10, 50)), false);
  assert.equal(isIdle(both, measured(10)), false, 'not measured is not idle');
  assert.equal(isIdle(spec({ cpu: { max: 90 } }), measured(1)), false);
});

test('rules of one direction switch the other off, and disableScaleDown leaves none of the lower ones', () => {
  const down = hpa('a', spec({ cpu: { min: 20 } }), false);
  assert.deepEqual([down?.name, down?.spec?.behavior?.scaleUp?.selectPolicy, targets(down)], ['a-cn-scaledown', 'Disabled', [['cpu', 20]]]);
  const up = hpa('a', spec({ cpu: { max: 90, min: 20 } }, { disableScaleDown: true }), true);
  assert.deepEqual([up?.name, up?.spec?.behavior?.scaleDown?.selectPolicy], ['a-cn-scaleup', 'Disabled']);
  assert.equal(hpa('a', spec({ cpu: { min: 20 } }, { disableScaleDown: true }), true), undefined);
});
