/** Expressions of admission: match conditions of webhooks, and all of admission policies. Source: apiserver, pkg/admission/plugin/cel. */
import type { Environment, ParseResult } from '@marcbachmann/cel-js';
import { isObject } from '../engine/json.ts';
import { RuleError, compile, newEnvironment, parsers, summary } from './compile.ts';

/** A write, as its expressions see it: JSON each; what is absent is null to them. */
export interface AdmissionValues {
  readonly object: unknown;
  readonly oldObject: unknown;
  /** An AdmissionRequest without its objects. */
  readonly request: unknown;
  readonly namespaceObject?: unknown;
  readonly params?: unknown;
}

/** A write that has been made ready for the expressions of one compiler. */
export type AdmissionContext = Readonly<Record<string, unknown>>;

/** The value of an expression. @throws {Error} when it has none, in the real server's words. */
export type AdmissionExpression = (context: AdmissionContext) => unknown;

/** Compiles the expressions of one policy or webhook. */
export interface AdmissionCompiler {
  /** Declares `variables.<name>` for the expressions that come later. @throws {RuleError} */
  variable(name: string, expression: string): void;
  /** `returns`: the CEL types it may be of. @throws {RuleError} */
  compile(expression: string, returns: readonly string[]): AdmissionExpression;
  /** Variables are evaluated when they are first looked at. */
  bind(values: AdmissionValues): AdmissionContext;
}

interface Variable {
  readonly name: string;
  readonly type: string;
  readonly value: AdmissionExpression;
}

/** `params`: whether there are any to look at. */
export function admissionCompiler({ params }: { readonly params: boolean }): AdmissionCompiler {
  const variables: Variable[] = [];
  let environment: Environment | undefined;
  const checked = (expression: string) => {
    environment ??= environmentWith(variables, params);
    try {
      return compile(expression, environment, undefined);
    } catch (error) {
      if (!(error instanceof RuleError) || !error.message.includes('authorizer')) throw error;
      throw new RuleError(expression, 'compilation failed: this server has no authorizer in expressions', { cause: error });
    }
  };
  return {
    variable(name, expression) {
      const { run, type } = checked(expression);
      variables.push({ name, type, value: valueOf(expression, run) });
      environment = undefined;
    },
    compile(expression, returns) {
      const { run, type } = checked(expression);
      if (!returns.includes(type)) {
        const wanted = returns.length === 1 ? returns[0] : `one of [${returns.join(' ')}]`;
        throw new RuleError(expression, `must evaluate to ${wanted} but got ${type}`);
      }
      return valueOf(expression, run);
    },
    bind: (values) => bound(values, variables),
  };
}

function valueOf(expression: string, run: ParseResult): AdmissionExpression {
  return (context) => {
    try {
      return run(context) as unknown;
    } catch (error) {
      throw new Error(`expression '${expression}' resulted in error: ${summary(error)}`, { cause: error });
    }
  };
}

function bound(values: AdmissionValues, variables: readonly Variable[]): AdmissionContext {
  const own: Record<string, unknown> = {};
  const context = {
    object: loose(values.object),
    oldObject: loose(values.oldObject),
    request: loose(values.request),
    namespaceObject: namespaceOf(values.namespaceObject),
    params: loose(values.params),
    variables: own,
  };
  for (const { name, value } of variables) {
    let known: { readonly value: unknown } | undefined;
    Object.defineProperty(own, name, { enumerable: true, get: () => (known ??= { value: value(context) }).value });
  }
  return context;
}

/** JSON without a schema: whole numbers are integers, objects are maps. */
function loose(value: unknown): unknown {
  if (value === undefined || value === null) return null;
  if (typeof value === 'number') return Number.isInteger(value) ? BigInt(value) : value;
  if (Array.isArray(value)) return value.map(loose);
  return isObject(value) ? new Map(Object.entries(value).map(([key, entry]) => [key, loose(entry)])) : value;
}

/** A Namespace, whose times are times. */
function namespaceOf(namespace: unknown): unknown {
  const map = loose(namespace);
  const metadata: unknown = map instanceof Map ? map.get('metadata') : undefined;
  if (!(metadata instanceof Map)) return map;
  for (const key of ['creationTimestamp', 'deletionTimestamp']) {
    const time: unknown = metadata.get(key);
    if (typeof time === 'string') metadata.set(key, parsers().timestamp(time));
  }
  return map;
}

function environmentWith(variables: readonly Variable[], params: boolean): Environment {
  const environment = newEnvironment();
  for (const [name, fields] of Object.entries(TYPES)) environment.registerType(name, { fields });
  environment.registerType('kubernetes.variables', { fields: Object.fromEntries(variables.map(({ name, type }) => [name, type])) });
  // Null outside of namespaces. Only ever checked, never run.
  environment.registerOperator('kubernetes.Namespace == null', () => false);
  environment.registerVariable('object', 'dyn');
  environment.registerVariable('oldObject', 'dyn');
  environment.registerVariable('request', 'kubernetes.AdmissionRequest');
  environment.registerVariable('namespaceObject', 'kubernetes.Namespace');
  environment.registerVariable('variables', 'kubernetes.variables');
  if (params) environment.registerVariable('params', 'dyn');
  return environment;
}

/** The types that the server knows of itself, each after those it is made of. */
const TYPES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'kubernetes.GroupVersionKind': { group: 'string', version: 'string', kind: 'string' },
  'kubernetes.GroupVersionResource': { group: 'string', version: 'string', resource: 'string' },
  'kubernetes.UserInfo': { username: 'string', uid: 'string', groups: 'list<string>', extra: 'map<string, list<string>>' },
  'kubernetes.AdmissionRequest': {
    kind: 'kubernetes.GroupVersionKind',
    resource: 'kubernetes.GroupVersionResource',
    subResource: 'string',
    requestKind: 'kubernetes.GroupVersionKind',
    requestResource: 'kubernetes.GroupVersionResource',
    requestSubResource: 'string',
    name: 'string',
    namespace: 'string',
    operation: 'string',
    userInfo: 'kubernetes.UserInfo',
    dryRun: 'bool',
    options: 'dyn',
  },
  'kubernetes.NamespaceSpec': { finalizers: 'list<string>' },
  'kubernetes.NamespaceCondition': { status: 'string', type: 'string', lastTransitionTime: 'google.protobuf.Timestamp', message: 'string', reason: 'string' },
  'kubernetes.NamespaceStatus': { conditions: 'list<kubernetes.NamespaceCondition>', phase: 'string' },
  'kubernetes.NamespaceMetadata': {
    name: 'string',
    generateName: 'string',
    namespace: 'string',
    labels: 'map<string, string>',
    annotations: 'map<string, string>',
    UID: 'string',
    creationTimestamp: 'google.protobuf.Timestamp',
    deletionGracePeriodSeconds: 'int',
    deletionTimestamp: 'google.protobuf.Timestamp',
    generation: 'int',
    resourceVersion: 'string',
    finalizers: 'list<string>',
  },
  'kubernetes.Namespace': { metadata: 'kubernetes.NamespaceMetadata', spec: 'kubernetes.NamespaceSpec', status: 'kubernetes.NamespaceStatus' },
};
