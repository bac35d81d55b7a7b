import { KINDS } from './kinds.ts';
import type { KindUnderTest } from './pod-knobs.ts';
import type { Random } from './random.ts';
import { edited } from './step.ts';
import type { Edit, Form, Json, PatchType, Query, Step, Version } from './step.ts';

/** Few, so that requests meet. */
const NAMES = ['a', 'b', 'c'];
const BROKEN_NAMES = ['A', 'a_b', '-a', 'a.b', '', 'x'.repeat(254), 'a/b', 'ä'];
const WILD: readonly Json[] = [null, '', -1, 0, 1, 'x', [], {}, true, 1.5, '1', 'x'.repeat(300), [null], { a: null }];
const LABELS: readonly Json[] = [
  { app: 'x' },
  { app: 'y', tier: 'db' },
  {},
  null,
  { 'example.com/a': 'b' },
  { 'not a key': 'x' },
  { a: 'not a value!' },
  { a: 1 },
];
const ANNOTATIONS: readonly Json[] = [{ a: 'b' }, { 'example.com/a': 'any value!' }, null, { 'not a key': 'x' }, { a: 1 }];
const FINALIZERS: readonly Json[] = [['example.com/keep'], [], ['example.com/keep', 'example.com/too'], ['nonsense'], null];
const OWNERS: readonly Json[] = [
  [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'o', uid: '11111111-1111-1111-1111-111111111111' }],
  [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'o', uid: '11111111-1111-1111-1111-111111111111', controller: true, blockOwnerDeletion: true }],
  [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'o' }],
  [],
];
const METADATA: KindUnderTest['knobs'] = [
  ['metadata.labels', LABELS],
  ['metadata.annotations', ANNOTATIONS],
  ['metadata.finalizers', FINALIZERS],
  ['metadata.ownerReferences', OWNERS],
  ['metadata.labels.extra', ['1', undefined]],
  ['metadata.namespace', ['elsewhere']],
  ['metadata.unknown', ['x']],
  ['metadata.generation', [7]],
  ['metadata.uid', ['22222222-2222-2222-2222-222222222222']],
  ['unknown', ['x', { a: 1 }]],
];
const SELECTORS = ['app=x', 'app!=x', 'app', '!app', 'app in (x,y)', 'tier notin (db)', 'app=x,tier=db', 'app==', 'a b', 'app in (', '=x', 'app>1'];
const FIELDS = ['metadata.name=a', 'metadata.name!=a', 'metadata.name=a,metadata.namespace!=x', 'spec.nothing=1', 'metadata.name', 'metadata.name==b'];

/** Kinds that have to do with each other. */
const MEETING: Readonly<Record<string, string>> = { pods: 'poddisruptionbudgets', poddisruptionbudgets: 'pods', limitranges: 'persistentvolumeclaims' };

/** Steps of one script; all kinds with equal chance, two of them, so that they meet. */
export function script(chance: Random, steps: number): readonly Step[] {
  const one = chance.pick(Object.keys(KINDS));
  const kinds = [one, (chance.oneIn(2) ? MEETING[one] : undefined) ?? chance.pick(Object.keys(KINDS))];
  return Array.from({ length: steps }, (_, index) => (index < 2 ? create(chance, chance.pick(kinds)) : step(chance, chance.pick(kinds))));
}

function step(chance: Random, kind: string): Step {
  const roll = chance.int(100);
  if (roll < 24) return create(chance, kind);
  if (roll < 38)
    return {
      do: 'update',
      kind,
      name: nameFor(chance),
      edits: edits(chance, kind),
      version: versionOf(chance),
      ...onStatus(chance, kind),
      ...queryOf(chance, 'write'),
      ...toScale(chance, kind),
    };
  if (roll < 41 && KINDS[kind]!.posts !== undefined) return post(chance, kind);
  if (roll < 66) return patch(chance, kind);
  if (roll < 78) return remove(chance, kind);
  if (roll < 80) {
    const options = chance.oneIn(2) ? { options: chance.pick(DELETIONS) } : {};
    return {
      do: 'deletecollection',
      kind,
      ...options,
      query: { ...pickQuery(chance, 'list', KINDS[kind]!.fields), ...(chance.oneIn(6) ? { dryRun: 'All' } : {}) },
    };
  }
  if (roll < 86) return { do: 'get', kind, name: nameFor(chance), ...scaleOrStatus(chance, kind), ...formOf(chance) };
  if (chance.oneIn(6)) return { do: 'list', kind, at: chance.pick(NAMES), ...formOf(chance), ...limitOf(chance) };
  return { do: 'list', kind, ...formOf(chance), query: pickQuery(chance, 'list', KINDS[kind]!.fields) };
}

function create(chance: Random, kind: string): Step {
  const { apiVersion, kind: title, valid } = KINDS[kind]!;
  let body: Json = edited({ apiVersion, kind: title, ...valid }, [{ at: ['metadata', 'name'], to: nameFor(chance) }]);
  if (chance.oneIn(12)) body = edited(body, [{ at: ['metadata', 'name'] }, { at: ['metadata', 'generateName'], to: chance.pick(['g-', 'g', 'G_']) }]);
  if (chance.oneIn(3)) body = edited(body, edits(chance, kind));
  if (chance.oneIn(25))
    body = edited(body, [
      chance.pick<Edit>([{ at: ['kind'], to: 'Wrong' }, { at: ['kind'] }, { at: ['apiVersion'], to: 'v9' }, { at: ['apiVersion'] }, { at: ['metadata'] }]),
    ]);
  return { do: 'create', kind, body, ...queryOf(chance, 'write') };
}

/** What a change changes: mostly something that the kind has, sometimes anything at all. */
function edits(chance: Random, kind: string): readonly Edit[] {
  const { knobs } = KINDS[kind]!;
  return Array.from({ length: 1 + chance.int(2) }, (): Edit => {
    const [path, values] = chance.oneIn(3) ? chance.pick(METADATA) : chance.pick(knobs);
    const to = chance.oneIn(8) ? chance.pick(WILD) : chance.pick(values);
    return { at: path.split('.'), ...(to === undefined ? {} : { to }) };
  });
}

function patch(chance: Random, kind: string): Step {
  const { apiVersion, kind: title, valid, status = [], scale } = KINDS[kind]!;
  const type = chance.pick<PatchType>(['merge', 'json', 'strategic', 'apply', 'apply']);
  const name = nameFor(chance);
  const common = { do: 'patch', kind, name, type } as const;
  if (scale === true && chance.oneIn(10)) return { ...common, ...scaling(chance, name), sub: 'scale', ...queryOf(chance, 'write') };
  if (status.length > 0 && type === 'apply' && chance.oneIn(4)) {
    const body = { apiVersion, kind: title, metadata: { name }, status: chance.pick(status) };
    return { ...common, sub: 'status', body, query: applyQuery(chance) };
  }
  if (status.length > 0 && type === 'json' && chance.oneIn(6))
    return { ...common, sub: 'status', body: [{ op: 'add', path: '/status', value: chance.pick(status) }], ...queryOf(chance, 'write') };
  if (status.length > 0 && chance.oneIn(6))
    return { ...common, type: chance.pick(['merge', 'strategic']), sub: 'status', body: { status: chance.pick(status) }, ...queryOf(chance, 'write') };
  const drawn = edits(chance, kind);
  // A null or an empty list in the metadata of a custom object stays unseen in what an apply stores, and makes a write of the next one that changes nothing.
  const isUnseen = (to: Json) => to === null || (Array.isArray(to) && to.length === 0);
  const change = type === 'apply' ? drawn.filter(({ at, to }) => at[0] !== 'metadata' || !isUnseen(to)) : drawn;
  switch (type) {
    case 'json':
      return { ...common, body: jsonPatch(chance, change), ...queryOf(chance, 'write') };
    case 'apply': {
      const whole = edited({ apiVersion, kind: title, metadata: { name }, ...(chance.oneIn(3) ? {} : valid) }, [
        { at: ['metadata', 'name'], to: name },
        ...change,
      ]);
      const query = applyQuery(chance);
      return { ...common, body: whole, query: chance.oneIn(30) ? {} : query };
    }
    default:
      return {
        ...common,
        body: edited(
          {},
          change.map(({ at, to }) => ({ at, to: to === undefined ? null : to })),
        ),
        ...queryOf(chance, 'write'),
      };
  }
}

function jsonPatch(chance: Random, change: readonly Edit[]): Json {
  const pointer = (at: readonly string[]) => `/${at.map((key) => key.replaceAll('~', '~0').replaceAll('/', '~1')).join('/')}`;
  const operations: Json[] = change.map(({ at, to }) =>
    to === undefined ? { op: 'remove', path: pointer(at) } : { op: chance.pick(['add', 'replace']), path: pointer(at), value: to },
  );
  if (chance.oneIn(6))
    operations.push(
      chance.pick([
        { op: 'test', path: '/metadata/name', value: 'a' },
        { op: 'copy', from: '/metadata/name', path: '/metadata/labels' },
        { op: 'move', from: '/metadata/labels', path: '/metadata/annotations' },
        { op: 'nonsense', path: '/a' },
      ]),
    );
  return operations;
}

function applyQuery(chance: Random): Query {
  return { fieldManager: chance.pick(['one', 'two']), ...(chance.oneIn(2) ? { force: 'true' } : {}), ...pickQuery(chance, 'write') };
}

/** A change of the number of replicas, in one of the forms of a patch. */
function scaling(chance: Random, name: string): { readonly type: PatchType; readonly body: Json } {
  const replicas = chance.pick<Json>([0, 2, 4, -1, 'x', null]);
  const type = chance.pick<PatchType>(['merge', 'json', 'strategic', 'apply']);
  if (type === 'json') return { type, body: [{ op: 'replace', path: '/spec/replicas', value: replicas }] };
  return { type, body: type === 'apply' ? { apiVersion: 'autoscaling/v1', kind: 'Scale', metadata: { name }, spec: { replicas } } : { spec: { replicas } } };
}

function post(chance: Random, kind: string): Step {
  const { posts = {} } = KINDS[kind]!;
  const sub = chance.pick(Object.keys(posts));
  const query = chance.oneIn(8) ? { query: { dryRun: chance.pick(['All', 'Some']) } } : {};
  return { do: 'post', kind, name: nameFor(chance), sub, body: chance.pick(posts[sub]!), ...query };
}

const DELETIONS: readonly Json[] = [
  {},
  {},
  { propagationPolicy: 'Background' },
  { propagationPolicy: 'Foreground' },
  { propagationPolicy: 'Orphan' },
  { propagationPolicy: 'Sometimes' },
  { gracePeriodSeconds: 0 },
  { gracePeriodSeconds: 30 },
  { gracePeriodSeconds: -5 },
  { orphanDependents: true },
  { orphanDependents: true, propagationPolicy: 'Orphan' },
  { dryRun: ['All'] },
  { dryRun: ['Some'] },
];
/** The same, as queries say it. */
const DELETION_QUERIES: readonly Query[] = [
  {},
  { propagationPolicy: 'Foreground' },
  { propagationPolicy: 'Sometimes' },
  { gracePeriodSeconds: '0' },
  { gracePeriodSeconds: 'x' },
  { orphanDependents: 'true' },
  { dryRun: 'All' },
  { dryRun: 'Some' },
];

function remove(chance: Random, kind: string): Step {
  if (chance.oneIn(6)) return { do: 'delete', kind, name: nameFor(chance), query: chance.pick(DELETION_QUERIES) };
  const options = chance.pick(DELETIONS);
  const precondition = chance.oneIn(4) ? { precondition: chance.pick(['right', 'wrong', 'version', 'oldVersion'] as const) } : {};
  return { do: 'delete', kind, name: nameFor(chance), options, ...precondition };
}

function versionOf(chance: Random): Version {
  return chance.oneIn(3) ? chance.pick(['old', 'none']) : 'read';
}

function nameFor(chance: Random): string {
  return chance.oneIn(20) ? chance.pick(BROKEN_NAMES) : chance.pick(NAMES);
}

function onStatus(chance: Random, kind: string): { readonly sub?: 'status'; readonly edits?: readonly Edit[] } {
  const { status = [] } = KINDS[kind]!;
  return status.length > 0 && chance.oneIn(4)
    ? { sub: 'status', edits: [{ at: ['status'], to: chance.pick(status) }, ...(chance.oneIn(2) ? [] : edits(chance, kind))] }
    : {};
}

/** A PUT of the scale, instead of one of the object. */
function toScale(chance: Random, kind: string): { readonly sub?: 'scale'; readonly edits?: readonly Edit[] } {
  if (KINDS[kind]!.scale !== true || !chance.oneIn(6)) return {};
  const replicas: Edit = { at: ['spec', 'replicas'], to: chance.pick<Json>([0, 2, -1, 'x', null]) };
  const other = chance.pick<Edit>([{ at: ['metadata', 'name'], to: 'elsewhere' }, { at: ['metadata', 'labels'], to: { a: 'b' } }, { at: ['spec'] }]);
  return { sub: 'scale', edits: chance.oneIn(4) ? [replicas, other] : [replicas] };
}

/** As what an answer is asked for. */
function formOf(chance: Random): { readonly as?: Form } {
  return chance.oneIn(3) ? { as: chance.pick<Form>(['table', 'table', 'metadata', 'metadataList']) } : {};
}

function limitOf(chance: Random): { readonly query?: Query } {
  return chance.oneIn(2) ? { query: { limit: chance.pick(['1', '2']) } } : {};
}

function scaleOrStatus(chance: Random, kind: string): { readonly sub?: 'scale' | 'status' } {
  const { scale, status } = KINDS[kind]!;
  if (scale === true && chance.oneIn(3)) return { sub: 'scale' };
  return status !== undefined && chance.oneIn(3) ? { sub: 'status' } : {};
}

function queryOf(chance: Random, what: 'write' | 'list'): { readonly query?: Query } {
  const query = pickQuery(chance, what);
  return Object.keys(query).length === 0 ? {} : { query };
}

function pickQuery(chance: Random, what: 'write' | 'list', fields: readonly string[] = []): Query {
  const query: Record<string, string> = {};
  if (what === 'write') {
    if (chance.oneIn(8)) query['dryRun'] = chance.oneIn(6) ? 'Some' : 'All';
    if (chance.oneIn(4)) query['fieldManager'] = chance.pick(['one', 'two', 'kubectl']);
    if (chance.oneIn(4)) query['fieldValidation'] = chance.pick(['Strict', 'Warn', 'Ignore', 'Sometimes']);
    return query;
  }
  if (chance.oneIn(2)) query['labelSelector'] = chance.pick(SELECTORS);
  if (chance.oneIn(4)) query['fieldSelector'] = chance.pick([...FIELDS, ...fields]);
  if (chance.oneIn(3)) query['limit'] = chance.pick(['1', '2', '0', '-1', 'x']);
  // Not 0: it asks for what some cache holds, which may be behind, and no two servers need be behind alike.
  if (chance.oneIn(8)) query['resourceVersion'] = 'x';
  if (chance.oneIn(12)) query['resourceVersionMatch'] = chance.pick(['Exact', 'NotOlderThan', 'Sometimes']);
  return query;
}
