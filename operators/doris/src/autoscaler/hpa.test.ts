import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DorisAutoscaler } from '../api/doris-autoscaler.ts';
import type { AutoscalerSpec } from '../api/doris-autoscaler.ts';
import { hpa as build, hpaNames, isIdle } from './hpa.ts';

const spec = (rules: object, more: object = {}): AutoscalerSpec => ({ cluster: 'c', cn: { replicas: { max: 5 }, rules, ...more } });
const hpa = (of: AutoscalerSpec, idle = false, part: 'cn' | 'be' = 'cn') => build({ kind: 'DorisAutoscaler', name: 'a', spec: of }, part, idle);
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
const queries = { type: 'Pods', pods: { metric: { name: 'running_queries' }, target: { type: 'AverageValue', averageValue: '20' } } };

test('nodes are taken away only while every measured use is below its lower threshold', () => {
  const both = spec({ cpu: { max: 90, min: 20 }, memory: { min: 50 } });
  assert.equal(hpa(both)?.spec?.behavior?.scaleDown?.selectPolicy, 'Disabled');
  assert.equal(hpa(both, true)?.spec?.behavior?.scaleDown?.selectPolicy, 'Min');
  assert.deepEqual(
    targets(hpa(both, true)),
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
  const down = hpa(spec({ cpu: { min: 20 } }));
  assert.deepEqual([down?.name, down?.spec?.behavior?.scaleUp?.selectPolicy, targets(down)], ['a-cn-scaledown', 'Disabled', [['cpu', 20]]]);
  const up = hpa(spec({ cpu: { max: 90, min: 20 } }, { disableScaleDown: true }), true);
  assert.deepEqual([up?.name, up?.spec?.behavior?.scaleDown?.selectPolicy], ['a-cn-scaleup', 'Disabled']);
  assert.equal(hpa(spec({ cpu: { min: 20 } }, { disableScaleDown: true }), true), undefined);
});

test('metrics of one’s own scale both ways as a HorizontalPodAutoscaler does it, unless a lower threshold says when nodes may go', () => {
  const own = hpa(spec({ cpu: { max: 90 } }, { metrics: [queries] }));
  assert.deepEqual(
    own?.spec?.metrics?.map(({ type }) => type),
    ['Resource', 'Pods'],
  );
  assert.equal(own?.spec?.behavior?.scaleDown?.selectPolicy, 'Min');
  assert.equal(hpa(spec({}, { metrics: [queries], disableScaleDown: true }))?.spec?.behavior?.scaleDown?.selectPolicy, 'Disabled');
  assert.equal(hpa(spec({ cpu: { min: 20 } }, { metrics: [queries] }))?.spec?.behavior?.scaleDown?.selectPolicy, 'Disabled', 'not idle');
});

test('windows and policies are those that are written, and a direction without a rule stays switched off all the same', () => {
  const behavior = { scaleUp: { stabilizationWindowSeconds: 30 }, scaleDown: { stabilizationWindowSeconds: 900, selectPolicy: 'Max' } };
  const built = hpa(spec({ cpu: { max: 90 } }, { behavior, scalePeriodSeconds: { scaleUp: 15 } }));
  assert.deepEqual(built?.spec?.behavior?.scaleUp, {
    selectPolicy: 'Max',
    policies: [{ type: 'Pods', value: 1, periodSeconds: 15 }],
    stabilizationWindowSeconds: 30,
  });
  assert.deepEqual(built?.spec?.behavior?.scaleDown, { selectPolicy: 'Disabled' });
});

test('back ends are only ever added, whatever is written', () => {
  const built = hpa({ cluster: 'c', be: { replicas: { min: 3, max: 6 }, rules: { cpu: { max: 70 } }, metrics: [queries] } }, true, 'be');
  assert.equal(built?.spec?.behavior?.scaleDown?.selectPolicy, 'Disabled');
  assert.deepEqual(built?.spec?.scaleTargetRef, { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'c-be' });
  assert.deepEqual([built?.spec?.minReplicas, built?.spec?.maxReplicas], [3, 6]);
});

test('compute nodes are scaled on the autoscaler itself, which takes them out of Doris first', () => {
  assert.deepEqual(hpa(spec({ cpu: { max: 90 } }))?.spec?.scaleTargetRef, { apiVersion: 'al-assad.github.io/v1beta1', kind: 'DorisAutoscaler', name: 'a' });
});

test('two objects of one name and different kinds have HorizontalPodAutoscalers of different names', () => {
  const names = (kind: string) => (['cn', 'be'] as const).flatMap((part) => hpaNames({ kind, name: 'a' }, part));
  assert.deepEqual(names('DorisAutoscaler'), ['a-cn-scaleup', 'a-cn-scaledown', 'a-be-scaleup']);
  assert.ok(names('DorisClusterAutoscaler').every((name) => !names('DorisAutoscaler').includes(name)));
});

test('bounds that nothing could keep to, and rules without a bound, are refused with their path', () => {
  const fields = (of: AutoscalerSpec) => DorisAutoscaler.check({ spec: of }, undefined).map(({ field }) => field);
  assert.deepEqual(fields(spec({ cpu: { max: 90, min: 20 } })), []);
  assert.deepEqual(fields({ cluster: 'c', cn: { replicas: { min: 3, max: 2 } }, be: { rules: { cpu: { max: 50 } } } }), [
    'spec.cn.replicas.max',
    'spec.be.replicas.max',
  ]);
  assert.deepEqual(fields(spec({ memory: { max: 50, min: 50 } })), ['spec.cn.rules.memory.min']);
});
