import { admissionCompiler, duplicate, forbidden as forbiddenField, invalid as invalidField, required, unsupported } from '@binnacle/schema';
import type { FieldError } from '@binnacle/schema';
import { list, record, text } from '../../object.ts';
import type { ApiObject } from '../../object.ts';
import { forbidden, invalid } from '../../refusals.ts';
import type { Admission, Plugin } from '../admission.ts';
import { conditionErrors } from '../conditions.ts';
import { CONFIGURATIONS } from './hook.ts';

/** Kinds that tell a server to evaluate policies before it writes. This one evaluates none, and must not look as if it did. */
const NOT_OBEYED: ReadonlySet<string> = new Set([
  'validatingadmissionpolicybindings.admissionregistration.k8s.io',
  'mutatingadmissionpolicybindings.admissionregistration.k8s.io',
]);
const HOOKS: ReadonlySet<string> = new Set(Object.values(CONFIGURATIONS));
const LOOPBACK: ReadonlySet<string> = new Set(['127.0.0.1', 'localhost', '[::1]']);
const NAME = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?){2,}$/;

/** Refuses webhook configurations that are wrong, as the real server does, and what would be accepted here and then not obeyed. */
export const configurationRules: Plugin = {
  create(_core, admission, object) {
    if (NOT_OBEYED.has(admission.served.bucket)) {
      throw forbidden(admission.served, object.metadata.name ?? '', 'this server evaluates no admission policies; it would not be obeyed');
    }
    return checked(admission, object);
  },
  update: (_core, admission, object) => checked(admission, object),
};

/** @throws {Refusal} 422 */
function checked({ served }: Admission, object: ApiObject): ApiObject {
  if (!HOOKS.has(served.bucket)) return object;
  const hooks = list(object['webhooks']).map(record);
  const names = hooks.map((hook) => text(hook['name']));
  const errors = hooks.flatMap((hook, index) => {
    const at = `webhooks[${index}]`;
    const twice = names.indexOf(text(hook['name'])) < index ? [duplicate(`${at}.name`, hook['name'])] : [];
    return [...twice, ...hookErrors(hook, at)];
  });
  if (errors.length > 0) throw invalid(served, object.metadata.name ?? '', errors);
  return object;
}

type Fields = Readonly<Record<string, unknown>>;

function hookErrors(hook: Fields, at: string): readonly FieldError[] {
  const { name, sideEffects, timeoutSeconds = 10, admissionReviewVersions, rules, matchConditions } = hook;
  const seconds = typeof timeoutSeconds === 'number' ? timeoutSeconds : 0;
  return [
    ...(NAME.test(text(name) ?? '') ? [] : [invalidField(`${at}.name`, name ?? '', 'should be a domain with at least three segments separated by dots')]),
    ...clientErrors(record(hook['clientConfig']), `${at}.clientConfig`),
    ...(sideEffects === undefined ? [required(`${at}.sideEffects`)] : oneOf(`${at}.sideEffects`, sideEffects, ['None', 'NoneOnDryRun'])),
    ...versionErrors(list(admissionReviewVersions), `${at}.admissionReviewVersions`),
    ...(seconds < 1 || seconds > 30 ? [invalidField(`${at}.timeoutSeconds`, seconds, 'the timeout value must be between 1 and 30 seconds')] : []),
    ...oneOf(`${at}.failurePolicy`, hook['failurePolicy'], ['Fail', 'Ignore']),
    ...oneOf(`${at}.matchPolicy`, hook['matchPolicy'], ['Equivalent', 'Exact']),
    ...oneOf(`${at}.reinvocationPolicy`, hook['reinvocationPolicy'], ['Never', 'IfNeeded']),
    ...list(rules).flatMap((rule, index) => ruleErrors(record(rule), `${at}.rules[${index}]`)),
    ...['namespaceSelector', 'objectSelector'].flatMap((key) => selectorErrors(record(hook[key]), `${at}.${key}`)),
    ...conditionErrors(matchConditions, admissionCompiler({ params: false }), `${at}.matchConditions`),
  ];
}

function oneOf(field: string, value: unknown, supported: readonly string[]): readonly FieldError[] {
  return value === undefined || value === '' || (typeof value === 'string' && supported.includes(value)) ? [] : [unsupported(field, value, supported)];
}

function versionErrors(versions: readonly unknown[], field: string): readonly FieldError[] {
  if (versions.length === 0) return [required(field, 'must specify one of v1, v1beta1')];
  if (versions.includes('v1')) return [];
  if (versions.includes('v1beta1')) return [invalidField(field, versions, 'this server sends v1 only')];
  return [invalidField(field, versions, 'must include at least one of v1, v1beta1')];
}

function clientErrors({ url, service }: Fields, at: string): readonly FieldError[] {
  if ((url === undefined) === (service === undefined)) return [required(at, 'exactly one of url or service is required')];
  if (service !== undefined) {
    const { namespace, name } = record(service);
    return [
      ...((text(name) ?? '') === '' ? [required(`${at}.service.name`)] : []),
      ...((text(namespace) ?? '') === '' ? [required(`${at}.service.namespace`)] : []),
    ];
  }
  const parsed = URL.parse(text(url) ?? '');
  if (parsed === null) return [required(`${at}.url`, 'url must be a valid URL: [https://]host[:port][/path]')];
  const wrong = (detail: string) => invalidField(`${at}.url`, url, detail);
  if (parsed.protocol !== 'https:') return [wrong("'https' is the only allowed URL scheme; desired format: https://host[/path]")];
  if (parsed.username !== '' || parsed.password !== '') return [wrong('user information is not permitted in the URL')];
  if (parsed.hash !== '') return [wrong('fragments are not permitted in the URL')];
  if (parsed.search !== '') return [wrong('query parameters are not permitted in the URL')];
  // Whoever may write a configuration would otherwise make this process send requests to anywhere.
  return LOOPBACK.has(parsed.hostname) ? [] : [wrong('this server calls webhooks on loopback and behind services only')];
}

function ruleErrors(rule: Fields, at: string): readonly FieldError[] {
  const lists = ['operations', 'apiGroups', 'apiVersions', 'resources'].flatMap((key) => {
    const values = list(rule[key]);
    if (values.length === 0) return [required(`${at}.${key}`)];
    const star = key !== 'resources' && values.length > 1 && values.includes('*');
    return star ? [invalidField(`${at}.${key}`, values, "if '*' is present, must not specify other values")] : [];
  });
  const operations = list(rule['operations']).flatMap((one, index) => oneOf(`${at}.operations[${index}]`, one, ['*', 'CREATE', 'UPDATE', 'DELETE', 'CONNECT']));
  return [...lists, ...operations, ...oneOf(`${at}.scope`, rule['scope'], ['*', 'Cluster', 'Namespaced'])];
}

function selectorErrors(selector: Fields, at: string): readonly FieldError[] {
  return list(selector['matchExpressions']).flatMap((expression, index) => {
    const { operator, values } = record(expression);
    const where = `${at}.matchExpressions[${index}]`;
    const listed = list(values).length > 0;
    switch (operator) {
      case 'In':
      case 'NotIn':
        return listed ? [] : [required(`${where}.values`, "must be specified when `operator` is 'In' or 'NotIn'")];
      case 'Exists':
      case 'DoesNotExist':
        return listed ? [forbiddenField(`${where}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'")] : [];
      default:
        return [invalidField(`${where}.operator`, operator, 'not a valid selector operator')];
    }
  });
}
