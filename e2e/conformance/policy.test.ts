import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '../eventually.ts';
import { openTarget } from '../target.ts';
import type { TestNamespace } from '../target.ts';
import { done, PATCH } from './requests.ts';

const target = await openTarget();
const GROUP = '/apis/admissionregistration.k8s.io/v1';
const CONFIG_MAPS = { apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'], operations: ['CREATE', 'UPDATE', 'DELETE'] };

/** A policy for ConfigMaps and its binding to one namespace. */
interface Bound {
  readonly name: string;
  readonly policy: object;
  readonly binding?: { readonly validationActions?: readonly string[]; readonly paramRef?: object };
}

/** Writes a policy and its binding, and waits until `probe`, which it judges, is answered with a no or a warning. */
async function bind(ns: TestNamespace, { name, policy, binding = {} }: Bound, probe: object): Promise<AsyncDisposable> {
  const own = `${name}.${ns.name}`;
  const [policies, bindings] = [`${GROUP}/validatingadmissionpolicies`, `${GROUP}/validatingadmissionpolicybindings`];
  const matchConstraints = { resourceRules: [CONFIG_MAPS] };
  await done(target, 'POST', policies, { metadata: { name: own }, spec: { matchConstraints, ...policy } });
  const matchResources = { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': ns.name } } };
  await done(target, 'POST', bindings, { metadata: { name: own }, spec: { policyName: own, validationActions: ['Deny'], matchResources, ...binding } });
  const warns = binding.validationActions?.includes('Warn') === true;
  await eventually(`${own} is active`, async () => {
    const { status, headers } = await target.ask('POST', `${ns.path('configmaps')}?dryRun=All`, { body: probe });
    return warns ? headers['warning'] !== undefined : status >= 400;
  });
  return {
    async [Symbol.asyncDispose]() {
      await target.ask('DELETE', `${bindings}/${own}`);
      await target.ask('DELETE', `${policies}/${own}`);
    },
  };
}

const map = (name: string, data: object) => ({ metadata: { name }, data });

test('60. a policy that is bound says no in its words, with its reason; variables, the one before and the namespace count', async () => {
  await using ns = await target.namespace();
  const policy = {
    variables: [
      { name: 'data', expression: 'has(object.data) ? object.data : {}' },
      { name: 'size', expression: "'size' in variables.data ? int(variables.data.size) : 0" },
    ],
    matchConditions: [{ name: 'written', expression: "request.operation != 'DELETE'" }],
    validations: [
      { expression: "!('bad' in variables.data)", message: 'bad key' },
      {
        expression: 'variables.size < 10',
        messageExpression: "'size ' + string(variables.size) + ' in ' + namespaceObject.metadata.name",
        reason: 'Forbidden',
      },
      { expression: 'oldObject == null || object.data.size == oldObject.data.size' },
    ],
  };
  await using _ = await bind(ns, { name: 'p', policy }, map('probe', { bad: '1' }));
  const maps = ns.path('configmaps');
  const by = `ValidatingAdmissionPolicy 'p.${ns.name}' with binding 'p.${ns.name}' denied request`;
  const bad = await target.ask('POST', maps, { body: map('a', { bad: '1' }) });
  assert.deepEqual([bad.status, bad.json.reason, bad.json.message], [422, 'Invalid', `configmaps "a" is forbidden: ${by}: bad key`]);
  assert.deepEqual(bad.json.details.causes, [{ message: `${by}: bad key` }]);
  const large = await target.ask('POST', maps, { body: map('a', { size: '12' }) });
  assert.deepEqual([large.status, large.json.reason], [403, 'Forbidden']);
  assert.equal(large.json.message, `configmaps "a" is forbidden: ${by}: size 12 in ${ns.name}`);
  await done(target, 'POST', maps, map('a', { size: '1' }));
  await done(target, 'PATCH', `${maps}/a`, { data: { more: 'x' } }, PATCH.merge);
  const changed = await target.ask('PATCH', `${maps}/a`, { body: { data: { size: '2' } }, headers: PATCH.merge });
  const rule = 'oldObject == null || object.data.size == oldObject.data.size';
  assert.equal(changed.json.message, `configmaps "a" is forbidden: ${by}: failed expression: ${rule}`);
  await done(target, 'DELETE', `${maps}/a`);
});

test('60. a binding brings parameters, each of which counts; without them it says no, or lets pass, as it is told', async () => {
  await using ns = await target.namespace();
  const maps = ns.path('configmaps');
  const limit = (name: string, max: string) => ({ metadata: { name, labels: { limit: 'yes' } }, data: { max } });
  await done(target, 'POST', maps, limit('five', '5'));
  await done(target, 'POST', maps, limit('seven', '7'));
  const policy = {
    paramKind: { apiVersion: 'v1', kind: 'ConfigMap' },
    matchConstraints: { resourceRules: [CONFIG_MAPS], objectSelector: { matchLabels: { sized: 'yes' } } },
    validations: [{ expression: 'int(object.data.size) <= int(params.data.max)', messageExpression: "'more than ' + params.data.max" }],
  };
  const sized = (name: string, size: string) => ({ metadata: { name, labels: { sized: 'yes' } }, data: { size } });
  const paramRef = { selector: { matchLabels: { limit: 'yes' } }, parameterNotFoundAction: 'Deny' };
  await using _ = await bind(ns, { name: 'p', policy, binding: { paramRef } }, sized('probe', '9'));
  const post = async (size: string) => await target.ask('POST', `${maps}?dryRun=All`, { body: sized('a', size) });
  // As long as the parameters are not known all is refused.
  await eventually('five is allowed', async () => (await post('5')).status === 201);
  assert.match((await post('6')).json.message, /more than 5$/);
  await done(target, 'DELETE', `${maps}/five`);
  await eventually('six is allowed', async () => (await post('6')).status === 201);
  await done(target, 'DELETE', `${maps}/seven`);
  const missing = await eventually('nothing is allowed', async () => {
    const answer = await post('1');
    return answer.status === 422 && answer;
  });
  assert.match(missing.json.message, /failed to configure binding: no params found for policy binding with `Deny` parameterNotFoundAction$/);
  const binding = `${GROUP}/validatingadmissionpolicybindings/p.${ns.name}`;
  await done(target, 'PATCH', binding, { spec: { paramRef: { parameterNotFoundAction: 'Allow' } } }, PATCH.merge);
  await eventually('all is allowed', async () => (await post('9')).status === 201);
});

test('60. a binding may warn instead; an expression without a value counts as the policy says', async () => {
  await using ns = await target.namespace();
  const validations = [{ expression: "object.data.size == '1'", message: 'not one' }];
  await using _warns = await bind(
    ns,
    { name: 'warns', policy: { validations }, binding: { validationActions: ['Warn', 'Audit'] } },
    map('probe', { size: '2' }),
  );
  const by = (name: string) => `ValidatingAdmissionPolicy '${name}.${ns.name}' with binding '${name}.${ns.name}'`;
  const made = await target.ask('POST', ns.path('configmaps'), { body: map('a', { size: '2' }) });
  assert.deepEqual([made.status, made.headers['warning']], [201, `299 - "Validation failed for ${by('warns')}: not one"`]);
  await using _fails = await bind(ns, { name: 'fails', policy: { validations } }, map('probe', { size: '2' }));
  const none = await target.ask('POST', ns.path('configmaps'), { body: { metadata: { name: 'b' } } });
  assert.equal(none.status, 422);
  assert.match(none.json.message, /denied request: expression 'object\.data\.size == '1'' resulted in error: no such key: data$/);
  const policies = `${GROUP}/validatingadmissionpolicies/fails.${ns.name}`;
  await done(target, 'PATCH', policies, { spec: { failurePolicy: 'Ignore' } }, PATCH.merge);
  await eventually(
    'it is passed over',
    async () => (await target.ask('POST', `${ns.path('configmaps')}?dryRun=All`, { body: { metadata: { name: 'b' } } })).status === 201,
  );
});

test('60. a policy or binding that cannot work is refused, all at once', async () => {
  const causes = async (plural: string, spec: object) => {
    const answer = await target.ask('POST', `${GROUP}/${plural}?dryRun=All`, { body: { metadata: { name: 'never' }, spec } });
    assert.equal(answer.status, 422, answer.text);
    return answer.json.details.causes.map(({ field, reason }: any) => `${field} ${reason}`).toSorted();
  };
  const policy = (spec: object) => causes('validatingadmissionpolicies', { matchConstraints: { resourceRules: [CONFIG_MAPS] }, ...spec });
  assert.deepEqual(await policy({ validations: [{ expression: 'params.x' }, { expression: 'true', messageExpression: '1', reason: 'Because' }] }), [
    'spec.validations[0].expression FieldValueInvalid',
    'spec.validations[1].messageExpression FieldValueInvalid',
    'spec.validations[1].reason FieldValueNotSupported',
  ]);
  assert.deepEqual(await policy({ variables: [{ name: 'a-b', expression: '1' }], validations: [{ expression: 'variables.c == 1' }] }), [
    'spec.validations[0].expression FieldValueInvalid',
    'spec.variables[0].name FieldValueInvalid',
  ]);
  assert.deepEqual(await policy({}), ['spec.auditAnnotations FieldValueRequired', 'spec.validations FieldValueRequired']);
  assert.deepEqual(await causes('validatingadmissionpolicybindings', { policyName: 'p', validationActions: ['Deny', 'Warn'] }), [
    'spec.validationActions FieldValueInvalid',
  ]);
});
