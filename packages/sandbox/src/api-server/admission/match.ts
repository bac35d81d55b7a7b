import type { LabelSelector, NamedRuleWithOperations } from '@binnacle/client/kinds';
import type { Served } from '../catalog/served.ts';
import type { Core } from '../core/core.ts';
import { matchesSelector } from '../select/label-selector.ts';
import type { Attempt } from './attempt.ts';

const GROUP = 'admissionregistration.k8s.io';

/** Which writes somebody wants to be asked about, as webhooks and policies say it. */
export interface Criteria {
  /** Any of them. */
  readonly rules: readonly NamedRuleWithOperations[];
  /** None of them. */
  readonly excluded?: readonly NamedRuleWithOperations[];
  /** `Exact`: only in the versions that the rules name. */
  readonly matchPolicy?: string;
  readonly namespaceSelector?: LabelSelector;
  readonly objectSelector?: LabelSelector;
}

/** Whether a webhook or policy may be asked about objects of this kind at all: one that decides about itself could never be repaired (spec/sandbox.md §2.10). */
export function mayBeAsked({ group }: Served): boolean {
  return group !== GROUP;
}

/**
 * In which version somebody is asked about an attempt: the one of the request, else, as the match policy allows, another one of the same objects.
 * `undefined`: not at all.
 */
export function askedAs(core: Core, criteria: Criteria, attempt: Attempt): Served | undefined {
  const excluded = matching(core, criteria.excluded ?? [], criteria.matchPolicy, attempt) !== undefined;
  const found = excluded ? undefined : matching(core, criteria.rules, criteria.matchPolicy, attempt);
  return found !== undefined && namespaceMatches(core, criteria, attempt) && objectMatches(criteria, attempt) ? found : undefined;
}

function matching(core: Core, rules: readonly Rule[], policy: string | undefined, attempt: Attempt): Served | undefined {
  const { served } = attempt;
  const matches = (version: Served) => rules.some((rule) => ruleMatches(rule, version, attempt));
  return matches(served) ? served : policy === 'Exact' || rules.length === 0 ? undefined : sameObjects(core, served).find(matches);
}

/** Other served resources of the same stored objects, the preferred version first. */
function sameObjects(core: Core, served: Served): readonly Served[] {
  const all = core.catalog.groups().flatMap((group) => group.versions.flatMap((version) => version.resources));
  return all.filter((other) => other.bucket === served.bucket && other !== served);
}

type Rule = NamedRuleWithOperations;

function ruleMatches(rule: Rule, { group, version, plural }: Served, { operation, subresource, namespace, served, name }: Attempt): boolean {
  const among = (list: readonly string[] | undefined, one: string) => list !== undefined && (list.includes('*') || list.includes(one));
  const resource = (rule.resources ?? []).some((pattern) => {
    const [wanted, part = ''] = pattern.split('/');
    return (wanted === '*' || wanted === plural) && (part === '*' || part === subresource);
  });
  // A request about a namespace is "in" that namespace, and is none about a namespaced object all the same.
  const inNamespace = namespace !== '' && served.bucket !== 'namespaces';
  const scope = rule.scope === 'Namespaced' ? inNamespace : rule.scope === 'Cluster' ? !inNamespace : true;
  const named = (rule.resourceNames ?? []).length === 0 || rule.resourceNames!.includes(name);
  return resource && scope && named && among(rule.operations, operation) && among(rule.apiGroups, group) && among(rule.apiVersions, version);
}

function namespaceMatches(core: Core, criteria: Criteria, { served, namespace, subresource, object }: Attempt): boolean {
  const selector = criteria.namespaceSelector ?? {};
  // A namespace that is being written is judged by what it will be.
  if (served.bucket === 'namespaces' && subresource === '' && object !== undefined) return matchesSelector(selector, object.metadata.labels ?? {});
  if (namespace === '') return true;
  return matchesSelector(selector, core.store.get('namespaces', namespace)?.object.metadata.labels ?? {});
}

function objectMatches(criteria: Criteria, { object, before }: Attempt): boolean {
  const selector = criteria.objectSelector ?? {};
  return [object, before].some((one) => one !== undefined && matchesSelector(selector, one.metadata.labels ?? {}));
}
