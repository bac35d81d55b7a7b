import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openTarget } from '../target.ts';
import { done, PATCH, things, verdict } from './requests.ts';

const target = await openTarget();

test('9. a version on a new object is refused with 500; what the server decides is not taken from the client', async () => {
  await using ns = await target.namespace();
  const maps = ns.path('configmaps');
  const refused = await target.ask('POST', maps, { body: { metadata: { name: 'b', resourceVersion: '5' } } });
  assert.deepEqual([refused.status, refused.json.message], [500, 'resourceVersion should not be set on objects to be created']);
  const asked = { name: 'a', uid: 'mine', creationTimestamp: '2001-01-01T00:00:00Z', deletionTimestamp: '2001-01-01T00:00:00Z', generation: 7 };
  const made = await done(target, 'POST', maps, { metadata: asked });
  assert.notEqual(made.metadata.uid, 'mine');
  assert.notEqual(made.metadata.creationTimestamp, '2001-01-01T00:00:00Z');
  assert.equal(made.metadata.deletionTimestamp, undefined);
  assert.equal(made.metadata.generation, 7, 'a kind without generations keeps what it was given');
});

test('10. a name that is taken: 409, also while its owner is being deleted', async () => {
  await using ns = await target.namespace();
  const maps = ns.path('configmaps');
  await done(target, 'POST', maps, { metadata: { name: 'a', finalizers: ['example.com/hold'] } });
  const again = await target.ask('POST', maps, { body: { metadata: { name: 'a' } } });
  assert.deepEqual(verdict(again), [409, 'AlreadyExists']);
  assert.deepEqual([again.json.message, again.json.details], ['configmaps "a" already exists', { name: 'a', kind: 'configmaps' }]);
  await done(target, 'DELETE', `${maps}/a`);
  const during = await target.ask('POST', maps, { body: { metadata: { name: 'a' } } });
  assert.deepEqual([during.status, during.json.message], [409, 'object is being deleted: configmaps "a" already exists']);
  await done(target, 'PATCH', `${maps}/a`, { metadata: { finalizers: null } }, PATCH.merge);
  const nowhere = await target.ask('POST', '/api/v1/namespaces/case-none/configmaps', { body: { metadata: { name: 'a' } } });
  assert.deepEqual([nowhere.status, nowhere.json.message], [404, 'namespaces "case-none" not found']);
});

test('11. a stale version is a conflict; without one a ConfigMap is replaced, a custom resource, a Lease and a PodDisruptionBudget are not', async () => {
  await using ns = await target.namespace();
  const maps = ns.path('configmaps');
  const first = await done(target, 'POST', maps, { metadata: { name: 'a' } });
  await done(target, 'PATCH', `${maps}/a`, { data: { x: '1' } }, PATCH.merge);
  const stale = await target.ask('PUT', `${maps}/a`, { body: first });
  assert.deepEqual(verdict(stale), [409, 'Conflict']);
  const modified = 'the object has been modified; please apply your changes to the latest version and try again';
  assert.equal(stale.json.message, `Operation cannot be fulfilled on configmaps "a": ${modified}`);
  assert.equal((await done(target, 'PUT', `${maps}/a`, { metadata: { name: 'a' }, data: { y: '2' } })).data.y, '2');

  await using custom = await things(target, { properties: { spec: { type: 'object', properties: {} } } });
  const refusing: readonly (readonly [string, string, object])[] = [
    [custom.path(ns.name), `things.${custom.group}`, { apiVersion: `${custom.group}/v1`, kind: 'Thing', spec: {} }],
    [ns.path('leases', 'coordination.k8s.io/v1'), 'leases.coordination.k8s.io', { spec: { holderIdentity: 'me' } }],
    [ns.path('poddisruptionbudgets', 'policy/v1'), 'poddisruptionbudgets.policy', { spec: { minAvailable: 1, selector: { matchLabels: { a: 'b' } } } }],
  ];
  for (const [path, resource, body] of refusing) {
    await done(target, 'POST', path, { metadata: { name: 'a' }, ...body });
    const answer = await target.ask('PUT', `${path}/a`, { body: { metadata: { name: 'a' }, ...body } });
    assert.deepEqual(verdict(answer), [422, 'Invalid'], resource);
    assert.equal(answer.json.message, `${resource} "a" is invalid: metadata.resourceVersion: Invalid value: 0: must be specified for an update`);
  }
});

test('12. PUT makes a Lease, a Role and a Service that are not there, but no ConfigMap and no Deployment', async () => {
  await using ns = await target.namespace();
  const put = async (plural: string, groupVersion: string, body: object) => {
    const answer = await target.ask('PUT', `${ns.path(plural, groupVersion)}/new`, { body: { metadata: { name: 'new' }, ...body } });
    return answer.status === 422 ? answer.json.message : answer.status;
  };
  assert.equal(await put('leases', 'coordination.k8s.io/v1', { spec: { holderIdentity: 'me' } }), 201);
  assert.equal(await put('roles', 'rbac.authorization.k8s.io/v1', { rules: [] }), 201);
  assert.equal(await put('services', 'v1', { spec: { ports: [{ port: 80 }] } }), 201);
  assert.equal(await put('configmaps', 'v1', {}), 404);
  const template = { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: target.images.sleeper }] } };
  assert.equal(await put('deployments', 'apps/v1', { spec: { selector: { matchLabels: { a: 'b' } }, template } }), 404);
});

test('13. a write that changes nothing is none: same version, and no watch hears of it', async () => {
  await using ns = await target.namespace();
  const maps = ns.path('configmaps');
  const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, data: { x: '1' } };
  const made = await done(target, 'PATCH', `${maps}/a?fieldManager=me`, body, PATCH.apply);
  await using events = await target.watch(`${maps}?watch=true&resourceVersion=${made.metadata.resourceVersion}&fieldSelector=metadata.name%3Da`);
  await done(target, 'PUT', `${maps}/a?fieldManager=me`, made);
  await done(target, 'PATCH', `${maps}/a`, { data: { x: '1' } }, PATCH.merge);
  await done(target, 'PATCH', `${maps}/a`, { data: { x: '1' } }, PATCH.strategic);
  await done(target, 'PATCH', `${maps}/a`, [{ op: 'replace', path: '/data/x', value: '1' }], PATCH.json);
  const last = await done(target, 'PATCH', `${maps}/a?fieldManager=me`, body, PATCH.apply);
  assert.equal(last.metadata.resourceVersion, made.metadata.resourceVersion);
  await done(target, 'PATCH', `${maps}/a`, { data: { x: '2' } }, PATCH.merge);
  assert.equal((await events.next())!.object.data.x, '2');
});

test('14. resourceVersion rises strictly across kinds; a list is never older than its items, a deletion never as old as the last change', async () => {
  await using ns = await target.namespace();
  const versions: number[] = [];
  for (const name of ['a', 'b', 'c']) {
    for (const plural of ['configmaps', 'secrets', 'serviceaccounts']) {
      versions.push(Number((await done(target, 'POST', ns.path(plural), { metadata: { name } })).metadata.resourceVersion));
    }
  }
  assert.deepEqual(
    versions,
    [...new Set(versions)].toSorted((a, b) => a - b),
  );
  const list = await done(target, 'GET', ns.path('configmaps'));
  for (const item of list.items) assert.ok(Number(item.metadata.resourceVersion) <= Number(list.metadata.resourceVersion));
  assert.ok(Number(list.metadata.resourceVersion) >= versions.at(-1)!, 'the whole cluster counts, not the kind');
  await using events = await target.watch(`${ns.path('configmaps')}?watch=true&resourceVersion=${list.metadata.resourceVersion}`);
  const changed = await done(target, 'PATCH', `${ns.path('configmaps')}/a`, { data: { x: '1' } }, PATCH.merge);
  await done(target, 'DELETE', `${ns.path('configmaps')}/a`);
  assert.equal((await events.next())!.object.metadata.resourceVersion, changed.metadata.resourceVersion);
  const deleted = (await events.next())!;
  assert.equal(deleted.type, 'DELETED');
  assert.deepEqual(deleted.object.data, { x: '1' });
  assert.ok(Number(deleted.object.metadata.resourceVersion) > Number(changed.metadata.resourceVersion));
});

test('15. a hundred increments at once, each with the version it read, end exactly at a hundred', async () => {
  await using ns = await target.namespace();
  const path = `${ns.path('configmaps')}/n`;
  await done(target, 'POST', ns.path('configmaps'), { metadata: { name: 'n' }, data: { count: '0' } });
  const increment = async (): Promise<void> => {
    for (;;) {
      const read = await done(target, 'GET', path);
      const answer = await target.ask('PUT', path, { body: { ...read, data: { count: String(Number(read.data.count) + 1) } } });
      if (answer.status === 200) return;
      assert.equal(answer.status, 409);
    }
  };
  const tenEach = async () => {
    for (let n = 0; n < 10; n++) await increment();
  };
  await Promise.all(Array.from({ length: 10 }, tenEach));
  assert.equal((await done(target, 'GET', path)).data.count, '100');
});

test('16. generated names are the base and five letters that spell nothing, at most 63 long', async () => {
  await using ns = await target.namespace();
  const made = await Promise.all(Array.from({ length: 20 }, () => done(target, 'POST', ns.path('configmaps'), { metadata: { generateName: 'job-' } })));
  for (const { metadata } of made) assert.match(metadata.name, /^job-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
  assert.equal(new Set(made.map(({ metadata }) => metadata.name)).size, 20);
  const long = await done(target, 'POST', ns.path('configmaps'), { metadata: { generateName: 'a'.repeat(70) } });
  assert.match(long.metadata.name, /^a{58}[bcdfghjklmnpqrstvwxz2456789]{5}$/);
  const none = await target.ask('POST', ns.path('configmaps'), { body: { metadata: {} } });
  assert.equal(none.status, 422);
  assert.match(none.json.message, /metadata\.name: Required value: name or generateName is required/);
});

test('17. a dry run answers what would be, checks it, and leaves no trace', async () => {
  await using ns = await target.namespace();
  const maps = ns.path('configmaps');
  const made = await target.ask('POST', `${maps}?dryRun=All`, { body: { metadata: { name: 'a' } } });
  assert.equal(made.status, 201);
  assert.equal(made.json.metadata.resourceVersion, undefined);
  assert.equal(typeof made.json.metadata.uid, 'string');
  assert.equal((await target.ask('GET', `${maps}/a`)).status, 404);
  const kept = await done(target, 'POST', maps, { metadata: { name: 'b' }, data: { x: '1' } });
  assert.equal((await done(target, 'PATCH', `${maps}/b?dryRun=All`, { data: { x: '2' } }, PATCH.merge)).data.x, '2');
  await done(target, 'DELETE', `${maps}/b?dryRun=All`);
  assert.deepEqual(await done(target, 'GET', `${maps}/b`), kept);
  assert.equal((await target.ask('POST', `${maps}?dryRun=All`, { body: { metadata: { name: 'Bad_Name' } } })).status, 422);
  assert.equal((await target.ask('POST', `${maps}?dryRun=Some`, { body: { metadata: { name: 'c' } } })).status, 422);
});

test('18. what is written comes back in one form: quantities, text of a Secret, limits that are requests too, empty values', async () => {
  await using ns = await target.namespace();
  const resources = { limits: { cpu: '1000m', memory: '1.5Gi', 'example.com/x': '2' }, requests: { memory: '1024Mi' } };
  const env = [{ name: 'EMPTY', value: '' }];
  const pod = await done(target, 'POST', ns.path('pods'), {
    metadata: { name: 'p' },
    spec: { containers: [{ name: 'c', image: 'a:latest', resources, env, args: [] }] },
  });
  const [container] = pod.spec.containers;
  assert.deepEqual(container.resources, {
    limits: { cpu: '1', memory: '1536Mi', 'example.com/x': '2' },
    requests: { cpu: '1', memory: '1Gi', 'example.com/x': '2' },
  });
  assert.deepEqual([container.env, container.args, container.imagePullPolicy], [[{ name: 'EMPTY' }], undefined, 'Always']);
  assert.equal(pod.status.qosClass, 'Burstable');
  const secret = await done(target, 'POST', ns.path('secrets'), { metadata: { name: 's', labels: {} }, stringData: { a: 'x' }, data: { b: 'eQ==' } });
  assert.deepEqual([secret.data, secret.stringData, secret.type, secret.metadata.labels], [{ a: 'eA==', b: 'eQ==' }, undefined, 'Opaque', undefined]);
  const role = await done(target, 'POST', ns.path('roles', 'rbac.authorization.k8s.io/v1'), { metadata: { name: 'r' } });
  assert.equal(role.rules, null);
});

test('18. what is left out is filled in, each kind in its way', async () => {
  await using ns = await target.namespace();
  const containers = [
    { name: 'c', image: 'a:1', ports: [{ containerPort: 80 }], livenessProbe: { httpGet: { port: 80 } }, readinessProbe: { tcpSocket: { port: 80 } } },
  ];
  const volumes = [
    { name: 'm', configMap: { name: 'm' } },
    { name: 's', secret: { secretName: 's' } },
  ];
  const labels = { a: 'b' };
  const template = { metadata: { labels }, spec: { containers, volumes } };
  const make = (kind: string, group: string, spec: object) => done(target, 'POST', `${ns.path(kind, group)}?dryRun=All`, { metadata: { name: 'x' }, spec });
  const { spec } = await make('deployments', 'apps/v1', { selector: { matchLabels: labels }, template });
  assert.deepEqual([spec.replicas, spec.revisionHistoryLimit, spec.progressDeadlineSeconds], [1, 10, 600]);
  assert.deepEqual(spec.strategy, { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' } });
  assert.deepEqual(spec.template.spec, {
    containers: [
      {
        name: 'c',
        image: 'a:1',
        imagePullPolicy: 'IfNotPresent',
        ports: [{ containerPort: 80, protocol: 'TCP' }],
        resources: {},
        livenessProbe: { httpGet: { path: '/', port: 80, scheme: 'HTTP' }, timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3 },
        readinessProbe: { tcpSocket: { port: 80 }, timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3 },
        terminationMessagePath: '/dev/termination-log',
        terminationMessagePolicy: 'File',
      },
    ],
    volumes: [
      { name: 'm', configMap: { name: 'm', defaultMode: 420 } },
      { name: 's', secret: { secretName: 's', defaultMode: 420 } },
    ],
    restartPolicy: 'Always',
    terminationGracePeriodSeconds: 30,
    dnsPolicy: 'ClusterFirst',
    securityContext: {},
    schedulerName: 'default-scheduler',
  });
  const set = await make('statefulsets', 'apps/v1', { selector: { matchLabels: labels }, template, serviceName: 'x' });
  assert.deepEqual([set.spec.podManagementPolicy, set.spec.updateStrategy], ['OrderedReady', { type: 'RollingUpdate', rollingUpdate: { partition: 0 } }]);
  assert.deepEqual(set.spec.persistentVolumeClaimRetentionPolicy, { whenDeleted: 'Retain', whenScaled: 'Retain' });
  const once = { restartPolicy: 'Never', containers: [{ name: 'c', image: 'a:1' }] };
  const job = await make('jobs', 'batch/v1', { template: { spec: once } });
  assert.deepEqual(
    [job.spec.completions, job.spec.parallelism, job.spec.backoffLimit, job.spec.completionMode, job.spec.suspend],
    [1, 1, 6, 'NonIndexed', false],
  );
  const cron = await make('cronjobs', 'batch/v1', { schedule: '* * * * *', jobTemplate: { spec: { template: { spec: once } } } });
  const { concurrencyPolicy, suspend, successfulJobsHistoryLimit, failedJobsHistoryLimit } = cron.spec;
  assert.deepEqual([concurrencyPolicy, suspend, successfulJobsHistoryLimit, failedJobsHistoryLimit], ['Allow', false, 3, 1]);
});

test('19. uid, name and the times of an object are not the client’s to change', async () => {
  await using ns = await target.namespace();
  const maps = ns.path('configmaps');
  const made = await done(target, 'POST', maps, { metadata: { name: 'a' } });
  const put = await target.ask('PUT', `${maps}/a`, { body: { ...made, metadata: { ...made.metadata, uid: 'other' } } });
  assert.equal(put.status, 409);
  assert.match(put.json.message, /Precondition failed: UID in precondition: other, UID in object meta: /);
  const patched = await target.ask('PATCH', `${maps}/a`, { body: { metadata: { uid: 'nnn' } }, headers: PATCH.merge });
  assert.equal(patched.status, 422);
  assert.match(patched.json.message, /metadata\.uid: Invalid value: "nnn": field is immutable/);
  const kept = await done(target, 'PATCH', `${maps}/a`, { metadata: { creationTimestamp: '2001-01-01T00:00:00Z' } }, PATCH.merge);
  assert.equal(kept.metadata.creationTimestamp, made.metadata.creationTimestamp);
  const deleted = await target.ask('PATCH', `${maps}/a`, { body: { metadata: { deletionTimestamp: '2001-01-01T00:00:00Z' } }, headers: PATCH.merge });
  assert.equal(deleted.status, 422);
  assert.match(deleted.json.message, /metadata\.deletionTimestamp: Invalid value: "2001-01-01T00:00:00Z": field is immutable/);
  const renamed = await target.ask('PATCH', `${maps}/a`, { body: { metadata: { name: 'b' } }, headers: PATCH.merge });
  assert.equal(renamed.status, 400);
});

test('20. JSON patches: 422 for what does not hold or is not there, 400 for what is no patch; a merge patch takes away by null', async () => {
  await using ns = await target.namespace();
  const path = `${ns.path('configmaps')}/a`;
  const made = await done(target, 'POST', ns.path('configmaps'), { metadata: { name: 'a', labels: { l: '1' } }, data: { x: '1', y: '2' } });
  const json = async (body: unknown) => await target.ask('PATCH', path, { body, headers: PATCH.json });
  const untrue = await json([{ op: 'test', path: '/data/x', value: '2' }]);
  assert.deepEqual([untrue.status, untrue.json.message], [422, 'the server rejected our request due to an error in our request']);
  assert.equal((await json([{ op: 'remove', path: '/data/none' }])).status, 422);
  assert.equal((await json([{ op: 'replace', path: '/none/deeper', value: '1' }])).status, 422);
  assert.equal((await json([{ op: 'replace', path: '/data/none', value: '1' }])).status, 200, 'what is not there is added');
  assert.equal((await json([{ op: 'remove', path: '/data/none' }])).status, 200);
  assert.equal((await json({ op: 'remove' })).status, 400);
  assert.match((await json('nonsense')).json.message, /^error decoding patch: /);
  const moved = await json([
    { op: 'test', path: '/data/x', value: '1' },
    { op: 'move', from: '/data/x', path: '/data/z' },
    { op: 'add', path: '/metadata/annotations', value: { 'a/b': 'c' } },
    { op: 'remove', path: '/metadata/labels/l' },
    { op: 'replace', path: '/metadata/annotations/a~1b', value: 'd' },
  ]);
  assert.deepEqual([moved.json.data, moved.json.metadata.annotations, moved.json.metadata.labels], [{ y: '2', z: '1' }, { 'a/b': 'd' }, undefined]);
  const merged = await done(target, 'PATCH', path, { data: { y: null, w: '3' } }, PATCH.merge);
  assert.deepEqual(merged.data, { z: '1', w: '3' });
  const stale = await target.ask('PATCH', path, { body: { metadata: { resourceVersion: made.metadata.resourceVersion }, data: {} }, headers: PATCH.merge });
  assert.deepEqual(verdict(stale), [409, 'Conflict']);
  const wrongType = await target.ask('PATCH', path, { body: { data: 5 }, headers: PATCH.merge });
  assert.equal(wrongType.status, 422);
  assert.match(wrongType.json.message, /patch: Invalid value: "\{.*json: cannot unmarshal number into Go struct field/);
  assert.equal((await target.ask('PATCH', `${path}-none`, { body: {}, headers: PATCH.merge })).status, 404);
});

test('20. what is answered when an object is gone has the version of its end', async () => {
  await using ns = await target.namespace();
  const accounts = ns.path('serviceaccounts');
  const made = await done(target, 'POST', accounts, { metadata: { name: 'a' } });
  const gone = await done(target, 'DELETE', `${accounts}/a`);
  await using watch = await target.watch(`${accounts}?watch=true&fieldSelector=metadata.name%3Da&resourceVersion=${made.metadata.resourceVersion}`);
  const event = await watch.next();
  assert.deepEqual([event!.type, event!.object.metadata.resourceVersion], ['DELETED', gone.metadata.resourceVersion]);
});
