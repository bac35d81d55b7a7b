import { admissionCompiler, duplicate, invalid as invalidField, required } from '@binnacle/schema';
import type { FieldError } from '@binnacle/schema';
import { urlErrors } from '../../hooks/url-rules.ts';
import { list, record, text } from '../../object.ts';
import type { ApiObject } from '../../object.ts';
import { forbidden, invalid } from '../../refusals.ts';
import type { Admission, Plugin } from '../admission.ts';
import { conditionErrors } from '../conditions.ts';
import { oneOf, ruleErrors, selectionErrors } from '../criteria.ts';
import { CONFIGURATIONS } from './hook.ts';

/** Tells a server to change what it writes by policies. This one evaluates none of those, and must not look as if it did. */
const NOT_OBEYED = 'mutatingadmissionpolicybindings.admissionregistration.k8s.io';
const HOOKS: ReadonlySet<string> = new Set(Object.values(CONFIGURATIONS));
const NAME = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?){2,}$/;

/** Refuses webhook configurations that are wrong, as the real server does, and what would be accepted here and then not obeyed. */
export const configurationRules: Plugin = {
  create(_core, admission, object) {
    if (admission.served.bucket === NOT_OBEYED) {
      throw forbidden(admission.served, object.metadata.name ?? '', 'this server evaluates no mutating admission policies; it would not be obeyed');
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
    ...oneOf(`${at}.reinvocationPolicy`, hook['reinvocationPolicy'], ['Never', 'IfNeeded']),
    ...list(rules).flatMap((rule, index) => ruleErrors(record(rule), `${at}.rules[${index}]`)),
    ...selectionErrors(hook, at),
    ...conditionErrors(matchConditions, admissionCompiler({ params: false }), `${at}.matchConditions`),
  ];
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
  return urlErrors(text(url) ?? '', `${at}.url`);
}
