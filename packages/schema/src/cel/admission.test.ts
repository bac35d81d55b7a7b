import assert from 'node:assert/strict';
import { test } from 'node:test';
import { admissionCompiler } from './admission.ts';
import { RuleError } from './compile.ts';

const REQUEST = { operation: 'UPDATE', namespace: 'ns', name: 'a', userInfo: { username: 'alice', groups: ['dev'], extra: { k: ['v'] } }, dryRun: false };
const object = { metadata: { name: 'a', namespace: 'ns', labels: { app: 'x' } }, spec: { replicas: 3, image: 'web:1', ports: [{ port: 80 }] } };
const values = { object, oldObject: { ...object, spec: { replicas: 2 } }, request: REQUEST, params: { max: 3 } };

function evaluate(expression: string, returns: readonly string[] = ['bool']): unknown {
  const compiler = admissionCompiler({ params: true });
  return compiler.compile(expression, returns)(compiler.bind(values));
}

test('an expression sees the object, the one before, the request and the parameters', () => {
  for (const expression of [
    'object.spec.replicas > oldObject.spec.replicas',
    'object.metadata.namespace == request.namespace && request.operation in ["UPDATE"]',
    "'dev' in request.userInfo.groups && request.userInfo.extra['k'][0] == 'v'",
    'object.spec.replicas <= params.max',
    "object.spec.image.matches('^web:[0-9]+$')",
    'object.spec.ports.all(p, p.port < 1024)',
    "!has(object.spec.none) && object.metadata.labels[?'app'].orValue('') == 'x'",
    'namespaceObject == null || namespaceObject.metadata.name != request.namespace',
    'null != object',
  ])
    assert.equal(evaluate(expression), true, expression);
  assert.equal(evaluate("'more than ' + string(params.max)", ['string']), 'more than 3');
});

test('an expression that cannot mean anything is refused: unknown names, another type than wanted, no parameters', () => {
  const refusal = (expression: string, params = true) => {
    assert.throws(() => admissionCompiler({ params }).compile(expression, ['bool']), RuleError, expression);
  };
  refusal('objekt.spec');
  refusal('request.verb == "x"');
  refusal('request.name');
  refusal('object.spec.flag');
  refusal('params.max > 1', false);
  refusal('true &&');
  assert.throws(() => admissionCompiler({ params: false }).compile("authorizer.path('/x').check('get').allowed()", ['bool']), /no authorizer in expressions/);
});

test('variables are evaluated once, when they are looked at, and may build on those before them', () => {
  const compiler = admissionCompiler({ params: false });
  compiler.variable('wanted', 'object.spec.replicas');
  compiler.variable('broken', 'object.spec.none.at.all');
  compiler.variable('many', 'variables.wanted > 2');
  const context = compiler.bind(values);
  assert.equal(compiler.compile('variables.many', ['bool'])(context), true);
  assert.throws(() => compiler.compile('variables.broken == 1', ['bool'])(context), /no such key: none/i);
  assert.throws(() => compiler.compile('variables.later == 1', ['bool']), RuleError);
});

test('a value that is missing is told with its expression', () => {
  assert.throws(() => evaluate('object.spec.none == 1'), { message: "expression 'object.spec.none == 1' resulted in error: no such key: none" });
});
