import type { PolicyRule } from './rbac.ts';

/** A rule taken apart into the single things it allows. */
interface Single {
  readonly verb: string;
  readonly group?: string;
  readonly resource?: string;
  readonly name?: string;
  readonly url?: string;
}

/** The parts of `wanted` that `owned` does not allow: empty when it allows all of them. Source: the escalation check of RBAC. */
export function uncovered(owned: readonly PolicyRule[], wanted: readonly PolicyRule[]): readonly Single[] {
  return wanted.flatMap(singles).filter((single) => !owned.some((rule) => allowsSingle(rule, single)));
}

function singles(rule: PolicyRule): readonly Single[] {
  const urls = (rule.nonResourceURLs ?? []).flatMap((url) => rule.verbs.map((verb) => ({ verb, url })));
  const names: readonly (string | undefined)[] = (rule.resourceNames ?? []).length === 0 ? [undefined] : rule.resourceNames!;
  const resources = (rule.apiGroups ?? []).flatMap((group) =>
    (rule.resources ?? []).flatMap((resource) =>
      rule.verbs.flatMap((verb) => names.map((name) => ({ verb, group, resource, ...(name === undefined ? {} : { name }) }))),
    ),
  );
  return [...urls, ...resources];
}

function allowsSingle(rule: PolicyRule, single: Single): boolean {
  const has = (values: readonly string[] | undefined, value: string) => values?.includes('*') === true || values?.includes(value) === true;
  if (!has(rule.verbs, single.verb)) return false;
  if (single.url !== undefined)
    return (rule.nonResourceURLs ?? []).some((url) => url === single.url || (url.endsWith('*') && single.url!.startsWith(url.slice(0, -1))));
  const resource = single.resource!;
  const below = resource.includes('/') ? `*/${resource.split('/')[1]}` : undefined;
  const named = has(rule.resources, resource) || (below !== undefined && rule.resources?.includes(below) === true);
  const names = rule.resourceNames ?? [];
  return has(rule.apiGroups, single.group!) && named && (names.length === 0 || (single.name !== undefined && names.includes(single.name)));
}
