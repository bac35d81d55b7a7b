import { list, record } from '../object.ts';
import type { ApiObject } from '../object.ts';
import { AGE, CREATED, NAME, shown, wide, word } from './columns.ts';
import type { BuiltinColumn } from './columns.ts';

const role = shown('Role', (binding) => `${word(binding, 'roleRef.kind')}/${word(binding, 'roleRef.name')}`);

const subjects = (kind: string) => (binding: ApiObject) =>
  list(binding['subjects'])
    .map(record)
    .filter((subject) => subject['kind'] === kind)
    .map((subject) => (kind === 'ServiceAccount' ? `${word(subject, 'namespace')}/${word(subject, 'name')}` : word(subject, 'name')))
    .join(', ');

const binding: readonly BuiltinColumn[] = [
  NAME,
  role,
  AGE,
  wide('Users', subjects('User')),
  wide('Groups', subjects('Group')),
  wide('ServiceAccounts', subjects('ServiceAccount')),
];

/** Columns of roles and of definitions. Source: spec/sandbox.md §1.3. */
export const accessTables: Readonly<Record<string, readonly BuiltinColumn[]>> = {
  'roles.rbac.authorization.k8s.io': [NAME, CREATED],
  'clusterroles.rbac.authorization.k8s.io': [NAME, CREATED],
  'rolebindings.rbac.authorization.k8s.io': binding,
  'clusterrolebindings.rbac.authorization.k8s.io': binding,
  'customresourcedefinitions.apiextensions.k8s.io': [NAME, CREATED],
};
