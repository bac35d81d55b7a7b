import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApiError, conditionOf, isReady } from '@binnacle/client';
import type { AnyKind } from '@binnacle/client';
import { ConfigMap, DaemonSet, Node, Secret, Service, StatefulSet } from '@binnacle/client/kinds';
import { admit, jsonEqual } from '@binnacle/schema';
import { leaves, world } from '@binnacle/testing';
import type { World } from '@binnacle/testing';
import { DorisMonitor } from '../src/index.ts';
import { PodMonitor, PrometheusRule, ServiceMonitor } from '../src/monitor/objects/pod-monitor.ts';
import { monitorFrom } from '../src/monitor/objects/from.ts';
import { statefulSet } from '../src/monitor/objects/stateful-set.ts';
import { ANY_TEXT, FIELDS, FIXED, IDLE, PARTS_OUT, PLAIN, WRONG } from './monitor-fields.ts';
import type { Part } from './monitor-fields.ts';
import { changed, fieldsOf, isWrong, over } from './over.ts';
import { withPrometheusOperator } from './prometheus-operator.ts';

const at = { namespace: 'default', name: 'basic' };
const user = { fieldManager: 'user', force: true };
const CHILDREN: readonly AnyKind[] = [StatefulSet, DaemonSet, Service, ConfigMap, Secret, PodMonitor, ServiceMonitor, PrometheusRule];

const monitor = (spec: Part) => ({ apiVersion: 'al-assad.github.io/v1beta1', kind: 'DorisMonitor', metadata: at, spec });
const faultsOf = (spec: Part, before?: Part) =>
  admit(DorisMonitor, monitor(spec), before && monitor(before)).errors.map(({ field, message }) => `${field}: ${message}`);

/** A world with a plain monitor in it. */
async function story() {
  const { subject, install } = withPrometheusOperator();
  const w = await world([subject]);
  await install(w);
  for (const name of ['first', 'second']) {
    const data = { password: Buffer.from(`of ${name}`).toString('base64'), other: Buffer.from(`another of ${name}`).toString('base64') };
    await w.api.apply(Secret, { metadata: { ...at, name }, type: 'Opaque', data }, user);
  }
  w.start(subject);
  return w;
}

async function apply(w: World, part: Part): Promise<void> {
  await w.api.apply(DorisMonitor, monitor(over(PLAIN, part)), user);
}

async function ready(w: World): Promise<void> {
  const { generation } = (await w.api.get(DorisMonitor, at)).metadata;
  await w.until(DorisMonitor, at, (now) => now !== undefined && isReady(now) && now.status?.observedGeneration === generation);
}

/** What is wanted of the monitor's objects, by `Kind part`. Left out is what others allocate. */
async function children(w: World): Promise<Readonly<Record<string, unknown>>> {
  const found: [string, unknown][] = [];
  for (const kind of CHILDREN) {
    const { items } = await w.api.list(kind, { namespace: at.namespace });
    for (const { metadata, status: _, ...rest } of items as readonly { metadata: any; status?: unknown }[]) {
      if (!metadata.name.startsWith('basic-')) continue;
      // A DaemonSet counts its templates there.
      const { 'deprecated.daemonset.template.generation': _count, ...annotations } = metadata.annotations ?? {};
      const text = JSON.stringify({ labels: metadata.labels, annotations, ...rest });
      const own = text
        .replaceAll(/"(clusterIPs?|healthCheckNodePort)":("[^"]*"|\d+|\[[^\]]*\])/g, '"$1":0')
        .replaceAll(/"nodePort":(?!3008[01]\b)\d+/g, '"nodePort":0');
      found.push([`${kind.kind} ${metadata.name.slice('basic-'.length)}`, JSON.parse(own)]);
    }
  }
  return Object.fromEntries(found);
}

test('each field of a monitor has a row here: what it changes, and what is wrong in it', () => {
  const told = new Set([...Object.keys(FIELDS), ...fieldsOf(FIXED), 'disableLoki', ...fieldsOf(IDLE)]);
  const judged = new Set([...fieldsOf(WRONG), ...fieldsOf(IDLE), ...ANY_TEXT]);
  const all = [...leaves(DorisMonitor.schema.properties!['spec']!, (path) => /(^|\.)(claims|affinity|tolerations)$/.test(path))];
  assert.ok(all.length > 50);
  const covers = (set: ReadonlySet<string>, path: string) => [...set].some((one) => one === path || one.startsWith(`${path}.`));
  assert.deepEqual(
    all.filter((path) => !covers(told, path) && !path.endsWith('.optional')),
    [],
    'no story of being set, edited and taken out',
  );
  assert.deepEqual(
    all.filter((path) => !covers(judged, path)),
    [],
    'nothing said of wrong values',
  );
});

test('each field of a monitor reaches its objects, and leaves them as they were when it is taken out', async () => {
  await using w = await story();
  const look = async (part: Part) => {
    await apply(w, part);
    await ready(w);
    return await children(w);
  };
  const odd: string[] = [];
  const same = (what: string, found: readonly string[], wanted: readonly string[]) => {
    if (!jsonEqual(found, wanted)) odd.push(`${what}: changes ${found.join(', ') || 'nothing'}, and not ${wanted.join(', ') || 'nothing'}`);
  };
  let [base, before]: [Part | undefined, Awaited<ReturnType<typeof children>>] = [undefined, {}];
  for (const [field, { without, on, other, changes }] of Object.entries(FIELDS)) {
    if (without !== base) [base, before] = [without, await look(without)];
    const first = await look(on);
    same(`${field} is set`, changed(before, first), changes.toSorted());
    if (changed(first, await look(other)).length === 0) odd.push(`${field}: another value changes nothing`);
    same(`${field} is taken out`, changed(before, await look(without)), []);
  }
  before = await look({});
  for (const [name, [part, changes]] of Object.entries(PARTS_OUT)) {
    const gone = await look(part);
    same(`${name} goes`, changed(before, gone), changes.toSorted());
    same(`${name} comes back`, changed(before, await look({})), []);
  }
  assert.deepEqual(odd, []);
});

test('what is wrong in a field is refused with its path and what would be right; a monitor that has it already is told, and none of its objects is touched', async () => {
  for (const [field, part, what] of [...WRONG, ...IDLE]) {
    const found = faultsOf(over(PLAIN, part));
    assert.ok(isWrong(found, field, what), `${field}: ${found.join('; ') || 'taken'}`);
  }
  await using w = await story();
  await apply(w, {});
  await ready(w);
  const before = await children(w);
  let refused = 0;
  for (const [field, part, what] of WRONG.filter(([one]) => one !== 'cluster')) {
    try {
      await apply(w, part);
    } catch (error) {
      // What the schema says nobody can store.
      assert.ok(error instanceof ApiError && error.message.includes(`spec.${field}`), `${field}: ${String(error)}`);
      refused += 1;
      continue;
    }
    const { generation } = (await w.api.get(DorisMonitor, at)).metadata;
    await w.until(DorisMonitor, at, (now) => conditionOf(now, 'Ready')?.reason === 'InvalidSpec' && now?.status?.observedGeneration === generation);
    const said = conditionOf(await w.find(DorisMonitor, at), 'Ready')?.message ?? '';
    assert.ok(isWrong(said.split('; '), field, what), `${field}: ${said}`);
    assert.deepEqual(changed(before, await children(w)), [], field);
  }
  assert.ok(refused < 6, 'most of these the schema lets through');
  for (const [field, part, what] of IDLE) {
    await apply(w, part);
    await ready(w);
    const told = conditionOf(await w.find(DorisMonitor, at), 'SpecValid');
    assert.ok(told?.status === 'False' && told.message?.includes(`spec.${field}: `) && what.test(told.message), `${field}: ${told?.message}`);
  }
  await apply(w, {});
  await ready(w);
  assert.equal(conditionOf(await w.find(DorisMonitor, at), 'SpecValid')?.status, 'True');
  assert.deepEqual(changed(before, await children(w)), []);
});

test('class and size of a volume are those that are written when it is made, and an edit of what cannot follow is refused', () => {
  for (const name of ['prometheus', 'grafana', 'loki'] as const) {
    const claim = (part: Part) => statefulSet(monitorFrom(monitor(over(PLAIN, part))), name, undefined).spec?.volumeClaimTemplates?.[0]?.spec;
    assert.equal(claim({ storageClassName: 'fast' })?.storageClassName, 'fast');
    assert.equal(claim({ storageClassName: 'fast', [name]: { storageClassName: 'own' } })?.storageClassName, 'own');
    assert.equal(claim({ [name]: { requests: { storage: '7Gi' } } })?.resources?.requests?.['storage'], '7Gi');
  }
  for (const [field, part, what] of FIXED) {
    const found = faultsOf(over(PLAIN, part), PLAIN);
    assert.ok(isWrong(found, field, what), `${field}: ${found.join('; ') || 'taken'}`);
  }
});

test('logs of tainted nodes are collected where the part that collects them tolerates the taint, by its own word or the monitor’s', async () => {
  await using w = await story();
  const [node] = (await w.api.list(Node)).items;
  const taints = [{ key: 'doris', value: 'be', effect: 'NoSchedule' }];
  await w.api.patch(Node, node!.metadata, { type: 'merge', body: { spec: { taints } } });
  const collects = async (part: Part) => {
    // On a node that nothing else tolerates nothing else runs.
    await apply(w, { prometheus: undefined, grafana: undefined, loki: undefined, ...part });
    await ready(w);
    const { items } = await w.api.list(DaemonSet, { namespace: at.namespace });
    return items.map(({ metadata, status }) => `${metadata.name}: ${status?.numberReady}`);
  };
  const tolerations = [{ key: 'doris', operator: 'Equal', value: 'be', effect: 'NoSchedule' }];
  const others = [{ key: 'other', operator: 'Exists' }];
  assert.deepEqual(await collects({}), ['basic-promtail: 0']);
  assert.deepEqual(await collects({ promtail: { tolerations } }), ['basic-promtail: 1']);
  assert.deepEqual(await collects({ tolerations }), ['basic-promtail: 1']);
  assert.deepEqual(await collects({ tolerations, promtail: { tolerations: others } }), ['basic-promtail: 0'], 'its own word wins');
  assert.deepEqual(await collects({ promtail: undefined, alloy: { image: '', tolerations } }), ['basic-alloy: 1']);
});

test('what a part says of where it runs takes the place of what the monitor says', () => {
  const [mine, theirs] = [
    { tolerations: [{ key: 'mine' }], priorityClassName: 'mine' },
    { tolerations: [{ key: 'all' }], priorityClassName: 'all' },
  ];
  for (const name of ['prometheus', 'grafana', 'loki'] as const) {
    const built = (part: Part) =>
      statefulSet(monitorFrom(monitor(over({ ...PLAIN, ...theirs, affinity: { nodeAffinity: {} } }, part))), name, undefined).spec?.template.spec;
    const own = built({ [name]: { ...mine, affinity: { podAffinity: {} } } });
    assert.deepEqual([own?.tolerations, own?.priorityClassName, own?.affinity], [mine.tolerations, 'mine', { podAffinity: {} }], name);
    const none = built({ [name]: { tolerations: [], priorityClassName: '' } });
    assert.deepEqual([none?.tolerations, none?.priorityClassName, none?.affinity], [theirs.tolerations, 'all', { nodeAffinity: {} }], name);
  }
});
