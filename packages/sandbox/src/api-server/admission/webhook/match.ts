import type { Served } from '../../catalog/served.ts';
import type { Core } from '../../core/core.ts';
import { matchesSelector } from '../../select/label-selector.ts';
import type { Attempt } from './attempt.ts';
import type { Hook } from './hook.ts';

const GROUP = 'admissionregistration.k8s.io';

/** Whether a webhook may be asked about objects of this kind at all: one that decides about itself could never be repaired (spec/sandbox.md §2.10). */
export function mayBeAsked({ group }: Served): boolean {
  return group !== GROUP;
}

/**
 * In which version a webhook is asked about an attempt: the one of the request, else, as its match policy allows, another one of the same objects.
 * `undefined`: not at all.
 */
export function askedAs(core: Core, hook: Hook, attempt: Attempt): Served | undefined {
  const { served } = attempt;
  const matches = (version: Served) => (hook.rules ?? []).some((rule) => ruleMatches(rule, version, attempt));
  const found = matches(served) ? served : hook.matchPolicy === 'Exact' ? undefined : sameObjects(core, served).find(matches);
  return found !== undefined && namespaceMatches(core, hook, attempt) && objectMatches(hook, attempt) ? found : undefined;
}

/** Other served resources of the same stored objects, the preferred version first. */
function sameObjects(core: Core, served: Served): readonly Served[] {
  const all = core.catalog.groups().flatMap((group) => group.versions.flatMap((version) => version.resources));
  return all.filter((other) => other.bucket === served.bucket && other !== served);
}

type Rule = NonNullable<Hook['rules']>[number];

function ruleMatches(rule: Rule, { group, version, plural }: Served, { operation, subresource, namespace, served }: Attempt): boolean {
  const among = (list: readonly string[] | undefined, one: string) => list !== undefined && (list.includes('*') || list.includes(one));
  const resource = (rule.resources ?? []).some((pattern) => {
    const [wanted, part = ''] = pattern.split('/');
    return (wanted === '*' || wanted === plural) && (part === '*' || part === subresource);
  });
  // A request about a namespace is "in" that namespace, and is none about a namespaced object all the same.
  const inNamespace = namespace !== '' && served.bucket !== 'namespaces';
  const scope = rule.scope === 'Namespaced' ? inNamespace : rule.scope === 'Cluster' ? !inNamespace : true;
  return resource && scope && among(rule.operations, operation) && among(rule.apiGroups, group) && among(rule.apiVersions, version);
}

function namespaceMatches(core: Core, hook: Hook, { served, namespace, subresource, object }: Attempt): boolean {
  const selector = hook.namespaceSelector ?? {};
  // A namespace that is being written is judged by what it will be.
  if (served.bucket === 'namespaces' && subresource === '' && object !== undefined) return matchesSelector(selector, object.metadata.labels ?? {});
  if (namespace === '') return true;
  return matchesSelector(selector, core.store.get('namespaces', namespace)?.object.metadata.labels ?? {});
}

function objectMatches(hook: Hook, { object, before }: Attempt): boolean {
  const selector = hook.objectSelector ?? {};
  return [object, before].some((one) => one !== undefined && matchesSelector(selector, one.metadata.labels ?? {}));
}
