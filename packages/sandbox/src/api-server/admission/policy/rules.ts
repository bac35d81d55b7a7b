import { admissionCompiler, duplicate, forbidden, invalid, required, unsupported } from '@binnacle/schema';
import type { FieldError } from '@binnacle/schema';
import { list, record, text } from '../../object.ts';
import type { ApiObject } from '../../object.ts';
import { invalid as invalidObject } from '../../refusals.ts';
import { qualifiedName } from '../../../objects/names.ts';
import type { Admission, Plugin } from '../admission.ts';
import { conditionErrors } from '../conditions.ts';
import { oneOf, ruleErrors, selectionErrors, selectorErrors } from '../criteria.ts';
import { expressionErrors } from './compile.ts';
import { BINDINGS, POLICIES } from './stored.ts';
import type { Policy } from './stored.ts';

/** Refuses policies and bindings that are wrong, as the real server does; expressions that cannot work among them. */
export const policyRules: Plugin = {
  create: (_core, admission, object) => checked(admission, object),
  update: (_core, admission, object) => checked(admission, object),
};

/** @throws {Refusal} 422 */
function checked({ served, info }: Admission, object: ApiObject): ApiObject {
  if (info.subresource !== undefined) return object;
  const spec = record(object['spec']);
  const errors = served.bucket === POLICIES ? policyErrors(object, spec) : served.bucket === BINDINGS ? bindingErrors(spec) : [];
  if (errors.length > 0) throw invalidObject(served, object.metadata.name ?? '', errors);
  return object;
}

type Fields = Readonly<Record<string, unknown>>;

/** Annotations of one policy. Source: the real server's validation. */
const MOST_ANNOTATIONS = 20;
const REASONS = ['Forbidden', 'Invalid', 'RequestEntityTooLarge', 'Unauthorized'];
const IDENTIFIER = /^[_a-zA-Z][_a-zA-Z0-9]*$/;
/** Words that CEL keeps for itself. */
const RESERVED = new Set('as break const continue else false for function if import in let loop package namespace null return true var void while'.split(' '));

function policyErrors(object: ApiObject, spec: Fields): readonly FieldError[] {
  const { paramKind, matchConstraints, variables, validations, auditAnnotations } = spec;
  const hasParams = paramKind !== undefined;
  const constraints = record(matchConstraints);
  const [checks, annotations] = [list(validations).map(record), list(auditAnnotations).map(record)];
  const nothing = checks.length === 0 && annotations.length === 0 ? 'validations or auditAnnotations must contain at least one item' : undefined;
  return [
    ...oneOf('spec.failurePolicy', spec['failurePolicy'], ['Fail', 'Ignore']),
    ...(hasParams ? paramKindErrors(record(paramKind)) : []),
    ...(matchConstraints === undefined ? [required('spec.matchConstraints')] : resourceErrors(constraints, 'spec.matchConstraints')),
    ...(list(constraints['resourceRules']).length === 0 ? [required('spec.matchConstraints.resourceRules')] : []),
    ...conditionErrors(spec['matchConditions'], admissionCompiler({ params: hasParams }), 'spec.matchConditions'),
    ...list(variables).flatMap((one, index) => variableErrors(record(one), `spec.variables[${index}]`)),
    ...(nothing === undefined ? [] : [required('spec.validations', nothing), required('spec.auditAnnotations', nothing)]),
    ...checks.flatMap((one, index) => validationErrors(one, `spec.validations[${index}]`)),
    ...annotationErrors(annotations, object.metadata.name ?? ''),
    // Sound: what is missing in it has been told above, and an expression that is missing does not compile.
    ...expressionErrors(withTexts(spec)),
  ];
}

/** Expressions that are absent or empty are told as such, and not compiled. */
function withTexts(spec: Fields): Policy['spec'] {
  const filled = (key: string, expression: string) => list(spec[key]).filter((one) => (text(record(one)[expression]) ?? '').trim() !== '');
  return {
    ...spec,
    variables: filled('variables', 'expression').filter((one) => validIdentifier(text(record(one)['name']) ?? '')),
    validations: filled('validations', 'expression'),
    auditAnnotations: filled('auditAnnotations', 'valueExpression'),
  } as Policy['spec'];
}

function paramKindErrors({ apiVersion, kind }: Fields): readonly FieldError[] {
  const version = text(apiVersion) ?? '';
  return [
    ...(version === '' ? [required('spec.paramKind.apiVersion')] : []),
    ...(version.split('/').length > 2 ? [invalid('spec.paramKind.apiVersion', version, `unexpected GroupVersion string: ${version}`)] : []),
    ...((text(kind) ?? '') === '' ? [required('spec.paramKind.kind')] : []),
  ];
}

function resourceErrors(resources: Fields, at: string): readonly FieldError[] {
  const rules = (key: string) => list(resources[key]).flatMap((rule, index) => ruleErrors(record(rule), `${at}.${key}[${index}]`));
  return [...selectionErrors(resources, at), ...rules('resourceRules'), ...rules('excludeResourceRules')];
}

const validIdentifier = (name: string) => IDENTIFIER.test(name) && !RESERVED.has(name);

function variableErrors({ name, expression }: Fields, at: string): readonly FieldError[] {
  const called = text(name) ?? '';
  return [
    ...(called.trim() === '' ? [required(`${at}.name`, 'name is not specified')] : []),
    ...(called.trim() !== '' && !validIdentifier(called) ? [invalid(`${at}.name`, called, 'must be a valid CEL identifier')] : []),
    ...((text(expression) ?? '').trim() === '' ? [required(`${at}.expression`, 'expression is not specified')] : []),
  ];
}

function validationErrors({ expression, message, messageExpression, reason }: Fields, at: string): readonly FieldError[] {
  const blank = (key: string, value: unknown) =>
    typeof value === 'string' && value !== '' && value.trim() === '' ? [invalid(`${at}.${key}`, value, 'must be non-empty if specified')] : [];
  const lines = (text(message) ?? '').trim().includes('\n') ? [invalid(`${at}.message`, message, 'must not contain line breaks')] : [];
  return [
    ...((text(expression) ?? '').trim() === '' ? [required(`${at}.expression`, 'expression is not specified')] : []),
    ...blank('messageExpression', messageExpression),
    ...blank('message', message),
    ...lines,
    ...oneOf(`${at}.reason`, reason, REASONS),
  ];
}

function annotationErrors(annotations: readonly Fields[], name: string): readonly FieldError[] {
  const keys = annotations.map(({ key }) => text(key) ?? '');
  const many = annotations.length > MOST_ANNOTATIONS;
  return [
    ...(many ? [invalid('spec.auditAnnotations', annotations, `must not have more than ${MOST_ANNOTATIONS} auditAnnotations`)] : []),
    ...annotations.flatMap(({ valueExpression }, index) => {
      const at = `spec.auditAnnotations[${index}]`;
      const key = keys[index]!;
      return [
        ...qualifiedName(`${name}/${key}`).map((wrong) => invalid(`${at}.key`, `${name}/${key}`, wrong)),
        ...((text(valueExpression) ?? '').trim() === '' ? [required(`${at}.valueExpression`, 'valueExpression is not specified')] : []),
        ...(keys.indexOf(key) < index ? [duplicate(`${at}.key`, key)] : []),
      ];
    }),
  ];
}

const ACTIONS = ['Audit', 'Deny', 'Warn'];

function bindingErrors(spec: Fields): readonly FieldError[] {
  const actions = list(spec['validationActions']);
  const at = 'spec.validationActions';
  const why = 'must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)';
  return [
    ...((text(spec['policyName']) ?? '') === '' ? [required('spec.policyName')] : []),
    ...(spec['paramRef'] === undefined ? [] : paramRefErrors(record(spec['paramRef']))),
    ...(spec['matchResources'] === undefined ? [] : resourceErrors(record(spec['matchResources']), 'spec.matchResources')),
    ...actions.flatMap((action, index) => [
      ...(ACTIONS.includes(String(action)) ? [] : [unsupported(`${at}[${index}]`, action, ACTIONS)]),
      ...(actions.indexOf(action) < index ? [duplicate(`${at}[${index}]`, action)] : []),
    ]),
    ...(actions.includes('Deny') && actions.includes('Warn') ? [invalid(at, actions, why)] : []),
    ...(actions.length === 0 ? [required(at, 'at least one validation action is required')] : []),
  ];
}

function paramRefErrors({ name, selector, parameterNotFoundAction }: Fields): readonly FieldError[] {
  const at = 'spec.paramRef';
  const named = (text(name) ?? '') !== '';
  const both = named && selector !== undefined ? ['name', 'selector'].map((key) => forbidden(`${at}.${key}`, 'name and selector are mutually exclusive')) : [];
  return [
    ...both,
    ...(selector === undefined ? [] : selectorErrors(record(selector), `${at}.selector`)),
    ...(!named && selector === undefined ? [required(at, 'one of name or selector must be specified')] : []),
    ...((text(parameterNotFoundAction) ?? '') === '' ? [required(`${at}.parameterNotFoundAction`)] : []),
    ...oneOf(`${at}.parameterNotFoundAction`, parameterNotFoundAction, ['Deny', 'Allow']),
  ];
}
