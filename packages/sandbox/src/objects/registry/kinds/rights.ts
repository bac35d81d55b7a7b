import { invalid, required, unsupported } from '@binnacle/schema';
import type { FieldError } from '@binnacle/schema';
import { equal, isObject, listAt, objectAt, stringAt } from '../../json.ts';
import type { JsonObject } from '../../json.ts';
import { dnsSubdomain, pathSegment } from '../../names.ts';
import type { KindRules } from '../strategy.ts';

const isNamespaced = (object: JsonObject) => stringAt(objectAt(object, 'metadata'), 'namespace') !== undefined;

export const role: KindRules = {
  lists: [['rules']],
  name: pathSegment,
  allowCreateOnUpdate: true,
  validate: (object) => listAt(object, 'rules').flatMap((rule, at) => ruleErrors(isObject(rule) ? rule : {}, `rules[${at}]`, isNamespaced(object))),
};

function ruleErrors(rule: JsonObject, field: string, namespaced: boolean): readonly FieldError[] {
  const found: FieldError[] = [];
  if (listAt(rule, 'verbs').length === 0) found.push(required(`${field}.verbs`, 'verbs must contain at least one value'));
  const urls = listAt(rule, 'nonResourceURLs');
  if (urls.length > 0) {
    if (namespaced) found.push(invalid(`${field}.nonResourceURLs`, urls, 'namespaced rules cannot apply to non-resource URLs'));
    const mixed = ['apiGroups', 'resources', 'resourceNames'].some((key) => listAt(rule, key).length > 0);
    if (mixed) found.push(invalid(`${field}.nonResourceURLs`, urls, 'rules cannot apply to both regular resources and non-resource URLs'));
    return found;
  }
  if (listAt(rule, 'apiGroups').length === 0) found.push(required(`${field}.apiGroups`, 'resource rules must supply at least one api group'));
  if (listAt(rule, 'resources').length === 0) found.push(required(`${field}.resources`, 'resource rules must supply at least one resource'));
  return found;
}

const RBAC = 'rbac.authorization.k8s.io';

/** Bindings: whom rights are given to may change, which rights may not. */
export const binding: KindRules = {
  name: pathSegment,
  allowCreateOnUpdate: true,
  absent: /^(roleRef|subjects)/,
  validate: (object) => {
    const ref = objectAt(object, 'roleRef');
    const kinds = isNamespaced(object) ? ['Role', 'ClusterRole'] : ['ClusterRole'];
    const found: FieldError[] = [];
    if (ref['apiGroup'] !== RBAC) found.push(unsupported('roleRef.apiGroup', ref['apiGroup'] ?? '', [RBAC]));
    if (!kinds.includes(stringAt(ref, 'kind') ?? '')) found.push(unsupported('roleRef.kind', ref['kind'] ?? '', kinds));
    const name = stringAt(ref, 'name') ?? '';
    if (name === '') found.push(required('roleRef.name'));
    else found.push(...pathSegment(name).map((text) => invalid('roleRef.name', name, text)));
    return [
      ...found,
      ...listAt(object, 'subjects').flatMap((subject, at) => subjectErrors(isObject(subject) ? subject : {}, `subjects[${at}]`, isNamespaced(object))),
    ];
  },
  validateUpdate: (next, before) => (equal(next['roleRef'], before['roleRef']) ? [] : [invalid('roleRef', next['roleRef'], 'cannot change roleRef')]),
};

const SUBJECT_KINDS = ['ServiceAccount', 'User', 'Group'];

/** Who is meant by an account without a namespace, a RoleBinding leaves open. Source: pkg/apis/rbac/validation/validation.go, `ValidateRoleBindingSubject`. */
function subjectErrors(subject: JsonObject, field: string, namespaced: boolean): readonly FieldError[] {
  const kind = stringAt(subject, 'kind') ?? '';
  const group = stringAt(subject, 'apiGroup') ?? '';
  const name = stringAt(subject, 'name') ?? '';
  const found: FieldError[] = [];
  if (name === '') found.push(required(`${field}.name`));
  if (!SUBJECT_KINDS.includes(kind)) return [...found, unsupported(`${field}.kind`, kind, SUBJECT_KINDS)];
  const wanted = kind === 'ServiceAccount' ? '' : RBAC;
  if (group !== wanted) found.push(unsupported(`${field}.apiGroup`, group, [wanted]));
  if (kind !== 'ServiceAccount') return found;
  if (name !== '') found.push(...dnsSubdomain(name).map((text) => invalid(`${field}.name`, name, text)));
  return namespaced || (stringAt(subject, 'namespace') ?? '') !== '' ? found : [...found, required(`${field}.namespace`)];
}
