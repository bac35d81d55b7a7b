import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AnyKind } from '@binnacle/client';
import { ConfigMap, Secret } from '@binnacle/client/kinds';
import type { Filler, Guard, Hook, Verdict, View, Write } from '@binnacle/runtime';
import { DorisAutoscaler, DorisClusterAutoscaler } from '../api/doris-autoscaler.ts';
import { DorisMonitor } from '../api/doris-monitor.ts';
import { advice } from './advice.ts';
import { fillers } from './fill.ts';
import { onlyOne } from './only-one.ts';

const NAMESPACE = 'default';

/** A cache that holds these. */
function view(...all: readonly (readonly [AnyKind, object])[]): View {
  const rows = (kind: AnyKind) => all.filter(([one]) => one === kind).map(([, object]) => object as any);
  return {
    get: (kind, ref) => rows(kind).find((one) => one.metadata.name === ref.name),
    list: (kind) => rows(kind),
    ownedBy: () => [],
    find: () => [],
  };
}

const object = (name: string, more: object) => ({ metadata: { namespace: NAMESPACE, name, creationTimestamp: '2026-01-01T00:00:00Z' }, ...more });

function asked(name: string, spec: object, seen: View = view(), before?: object, own = 'basic'): Verdict {
  const hook = [...advice, ...onlyOne].find((one) => one.name === name) as Guard;
  const write = { operation: before === undefined ? 'CREATE' : 'UPDATE', ref: { namespace: NAMESPACE, name: own }, user: 'me', dryRun: false } as const;
  return hook.review({ ...write, object: object(own, { spec }), before: before && object(own, { spec: before }) } as unknown as Write<AnyKind>, seen);
}
const warnings = (verdict: Verdict) => (verdict.type === 'allow' ? (verdict.warnings ?? []) : assert.fail(verdict.message));

test('what a spec names and is not there is a warning with its path, never a refusal', () => {
  const spec = {
    version: '2.0.3',
    imagePullSecrets: [{ name: 'registry' }],
    fe: {
      additionalEnv: [
        { name: 'A', valueFrom: { secretKeyRef: { name: 'keys', key: 'a' } } },
        { name: 'B', valueFrom: { configMapKeyRef: { name: 'conf', key: 'b', optional: true } } },
      ],
      additionalVolumes: [{ name: 'certs', secret: { secretName: 'certs' } }],
    },
  };
  const seen = view([Secret, object('keys', { data: { other: '' } })], [Secret, object('certs', { data: {} })]);
  assert.deepEqual(warnings(asked('doris-cluster-references', spec, seen)), [
    'spec.imagePullSecrets[0]: there is no Secret registry in namespace default yet',
    'spec.fe.additionalEnv[0].valueFrom.secretKeyRef: Secret keys has no key a',
  ]);
  assert.deepEqual(warnings(asked('doris-cluster-references', spec, seen, spec)), [], 'an edit of something else says nothing again');
});

test('a key may stand in the binary part of a ConfigMap', () => {
  const spec = { version: '2.0.3', be: { additionalEnv: [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'conf', key: 'b' } } }] } };
  assert.deepEqual(warnings(asked('doris-cluster-references', spec, view([ConfigMap, object('conf', { binaryData: { b: '' } })]))), []);
});

test('passwords in plain text are taken with a warning, and the warning does not repeat them', () => {
  const said = warnings(asked('doris-initializer-passwords', { cluster: 'basic', rootPassword: 'hidden', adminPassword: '' }));
  assert.equal(said.length, 1);
  assert.match(said[0]!, /^spec\.rootPassword: .*use spec\.rootPasswordFrom$/);
  assert.ok(!said[0]!.includes('hidden'));
  assert.equal(warnings(asked('doris-monitor-passwords', { cluster: 'basic', grafana: { image: '', adminPassword: 'hidden' } })).length, 1);
});

test('what has no effect is a warning where objects have long had it, and so is a node port that most clusters do not give', () => {
  const storage = [{ name: 'hot', request: '1Gi', storageClassName: 'x' }];
  const be = { storageClassName: 'y', requests: { storage: '1Gi' }, storage };
  const fields = (hook: string, spec: object, before?: object) => warnings(asked(hook, spec, view(), before)).map((line) => line.split(': ')[0]);
  assert.deepEqual(fields('doris-cluster-idle', { be, cn: { requests: { storage: '1Gi' } }, fe: { service: { queryPort: 9030, httpPort: 30_080 } } }), [
    'spec.fe.service.queryPort',
    'spec.cn.requests.storage',
    'spec.be.storageClassName',
    'spec.be.requests.storage',
  ]);
  assert.deepEqual(fields('doris-cluster-idle', { be: { ...be, retainDefaultStorage: true } }), []);
  assert.deepEqual(fields('doris-cluster-idle', { be: { retainDefaultStorage: true } }), ['spec.be.retainDefaultStorage']);
  const forced = {
    fe: { config: { enable_fqdn_mode: 'false' } },
    be: { config: { be_node_role: 'computation', JAVA_OPTS: '' } },
    hadoopConf: { config: { 'fe.conf': 'a=b', 'core-site.xml': '' } },
  };
  assert.deepEqual(fields('doris-cluster-idle', forced), [
    'spec.fe.config[enable_fqdn_mode]',
    'spec.be.config[be_node_role]',
    'spec.hadoopConf.config[fe.conf]',
  ]);
  assert.deepEqual(fields('doris-initializer-idle', { cluster: 'basic', requests: { storage: '1Gi', cpu: '1' } }), ['spec.requests.storage']);
  assert.deepEqual(fields('doris-monitor-idle', { cluster: 'basic', promtail: { image: '', limits: { storage: '1Gi' } } }), [
    'spec.promtail.limits.storage',
    'spec.promtail',
  ]);
  const grafana = { image: '', adminPassword: 'hidden' };
  assert.deepEqual(fields('doris-monitor-idle', { cluster: 'basic', grafana }), []);
  const [said] = warnings(
    asked('doris-monitor-idle', { cluster: 'basic', grafana: { ...grafana, adminPassword: 'better' } }, view(), { cluster: 'basic', grafana }),
  );
  assert.match(said ?? '', /^spec\.grafana\.adminPassword: .*reset-admin-password/);
  assert.ok(!/better/.test(said ?? ''));
});

const rule = { replicas: { max: 3 }, rules: { cpu: { max: 90 } } };
const scaling = view([DorisAutoscaler, object('first', { spec: { cluster: 'basic', cn: rule } })]);

test('a second autoscaler for the same nodes is refused under either name, one for other nodes is not', () => {
  for (const kind of ['dorisautoscalers', 'dorisclusterautoscalers']) {
    const verdict = asked(`${kind}-target`, { cluster: 'basic', cn: rule }, scaling, undefined, 'second');
    assert.ok(verdict.type === 'refuse');
    assert.match(verdict.message, /^spec\.cn: DorisAutoscaler first scales these nodes of DorisCluster basic already$/);
  }
  assert.equal(asked('dorisclusterautoscalers-target', { cluster: 'basic', be: rule }, scaling).type, 'allow');
  assert.equal(asked('dorisclusterautoscalers-target', { cluster: 'other', cn: rule }, scaling).type, 'allow');
  assert.equal(asked('dorisautoscalers-target', { cluster: 'basic', cn: rule }, scaling, undefined, 'first').type, 'allow', 'itself');
});

test('a pair from before the rule stays editable', () => {
  const both = view(
    [DorisAutoscaler, object('first', { spec: { cluster: 'basic', cn: rule } })],
    [DorisClusterAutoscaler, object('second', { spec: { cluster: 'basic', cn: rule } })],
  );
  const edited = { cluster: 'basic', cn: { ...rule, replicas: { max: 4 } } };
  assert.equal(asked('dorisclusterautoscalers-target', edited, both, { cluster: 'basic', cn: rule }, 'second').type, 'allow');
});

test('one monitor a cluster', () => {
  const seen = view([DorisMonitor, object('first', { spec: { cluster: 'basic' } })]);
  assert.equal(asked('doris-monitor-target', { cluster: 'basic' }, seen, undefined, 'second').type, 'refuse');
  assert.equal(asked('doris-monitor-target', { cluster: 'basic' }, seen, undefined, 'first').type, 'allow');
});

function filled(kind: string, spec: unknown): any {
  const hook = (fillers as readonly Hook[]).find((one) => one.kind.kind === kind) as Filler;
  const write = { operation: 'CREATE', ref: { namespace: NAMESPACE, name: 'basic' }, user: 'me', dryRun: false, before: undefined } as const;
  return (hook.fill({ ...write, object: object('basic', { spec }) } as unknown as Write<AnyKind>, view()) as any).spec;
}

test('what is left out is written down when an object is made, and what is written stays', () => {
  const volume = { name: 'a', request: '1Gi', storageClassName: 'x' };
  const cluster = filled('DorisCluster', { version: '2.0.3', be: { storage: [volume, { ...volume, medium: 'SSD' }] } });
  assert.deepEqual([cluster.statefulSetUpdateStrategy, cluster.be.storage.map((one: any) => one.medium)], ['RollingUpdate', ['HDD', 'SSD']]);
  assert.equal(filled('DorisInitializer', { cluster: 'basic' }).image, 'tnir/mysqlclient:1.4.6');
  assert.deepEqual(filled('DorisMonitor', { cluster: 'basic', grafana: { image: '' }, loki: { image: 'mine' } }), {
    cluster: 'basic',
    grafana: { image: 'grafana/grafana:9.5.2' },
    loki: { image: 'mine' },
  });
  assert.deepEqual(filled('DorisClusterAutoscaler', { cluster: 'basic', cn: { replicas: { max: 3 }, scalePeriodSeconds: { scaleUp: 15 } } }).cn, {
    replicas: { max: 3, min: 1 },
    scalePeriodSeconds: { scaleUp: 15, scaleDown: 60 },
  });
  const twice = filled('DorisCluster', cluster);
  assert.deepEqual(twice, cluster, 'asked twice, it says the same');
});
