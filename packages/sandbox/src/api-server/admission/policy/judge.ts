import type { Served } from '../../catalog/served.ts';
import type { Core } from '../../core/core.ts';
import type { AdmissionValues } from '@binnacle/schema';
import { Refusal } from '../../../refusal.ts';
import { forbidden } from '../../refusals.ts';
import type { ApiObject } from '../../object.ts';
import type { Attempt } from '../attempt.ts';
import { askedAs, mayBeAsked } from '../match.ts';
import { objectsOf, requestOf } from '../request.ts';
import { compiledPolicy } from './compile.ts';
import { paramsOf } from './params.ts';
import { boundPolicies } from './stored.ts';
import type { Binding, Policy } from './stored.ts';

/** A policy's no. */
interface Denial {
  readonly message: string;
  readonly reason?: string;
}
type Values = Omit<AdmissionValues, 'params'>;

/** Codes of the reasons that a validation may give; 422 for all others. */
const CODES: Readonly<Record<string, number>> = { Unauthorized: 401, Forbidden: 403, RequestEntityTooLarge: 413, Invalid: 422 };

/**
 * Lets the policies that are bound judge a write (spec/sandbox.md §2.10): a no is a refusal, or a warning, as the binding says.
 * @throws {Refusal} the first no, in the order of the policies' names.
 */
export async function judge(core: Core, attempt: Attempt): Promise<void> {
  const policies = mayBeAsked(attempt.served) ? boundPolicies(core) : [];
  for (const { policy, bindings } of policies) {
    const { spec } = policy;
    const asked = askedAs(core, criteria(spec.matchConstraints ?? {}), attempt);
    if (asked === undefined) continue;
    const params = parametersOf(core, policy, attempt);
    if (params === 'unknown') continue;
    const values = { ...(await objectsOf(core, attempt, asked)), request: requestOf(attempt, asked), namespaceObject: namespaceOf(core, attempt) };
    for (const binding of bindings) {
      const { matchResources } = binding.spec;
      if (matchResources !== undefined && !bindingMatches(core, matchResources, attempt)) continue;
      await decide(core, { policy, binding, params }, attempt, values);
    }
  }
}

type MatchResources = NonNullable<Policy['spec']['matchConstraints']>;

function criteria({ resourceRules = [], excludeResourceRules = [], ...rest }: MatchResources) {
  return { ...rest, rules: resourceRules, excluded: excludeResourceRules };
}

/** A binding without rules takes all that its policy takes. */
function bindingMatches(core: Core, resources: MatchResources, attempt: Attempt): boolean {
  const { rules, ...rest } = criteria(resources);
  return askedAs(core, { ...rest, rules: rules.length === 0 ? [EVERYTHING] : rules }, attempt) !== undefined;
}

const EVERYTHING = { apiGroups: ['*'], apiVersions: ['*'], resources: ['*/*'], operations: ['*'] };

/** A request about a namespace is not in it. */
function namespaceOf(core: Core, { namespace, served }: Attempt): ApiObject | undefined {
  return namespace === '' || served.bucket === 'namespaces' ? undefined : core.store.get('namespaces', namespace)?.object;
}

/** The kind of a policy's parameters; `unknown`: it is not served, and the policy passes over that. @throws {Refusal} */
function parametersOf(core: Core, policy: Policy, attempt: Attempt): Served | undefined | 'unknown' {
  const { paramKind, failurePolicy } = policy.spec;
  if (paramKind === undefined) return undefined;
  const [version = '', group = ''] = (paramKind.apiVersion ?? '').split('/').toReversed();
  const served = core.catalog.findKind(group, version, paramKind.kind ?? '');
  if (served !== undefined) return served;
  if (failurePolicy === 'Ignore') return 'unknown';
  const what = `failed to find resource referenced by paramKind: '${group}/${version}, Kind=${paramKind.kind}'`;
  throw refused(attempt, `ValidatingAdmissionPolicy '${policy.metadata.name}' denied request: failed to configure policy: ${what}`, undefined);
}

interface Question {
  readonly policy: Policy;
  readonly binding: Binding;
  /** The kind of its parameters; absent: it takes none. */
  readonly params: Served | undefined;
}

/** @throws {Refusal} */
async function decide(core: Core, { policy, binding, params }: Question, attempt: Attempt, values: Values): Promise<void> {
  const by = `ValidatingAdmissionPolicy '${policy.metadata.name}' with binding '${binding.metadata.name}'`;
  const actions = binding.spec.validationActions ?? [];
  const denials = await (async () => {
    try {
      const all = params === undefined ? [undefined] : await paramsOf(core, params, binding, attempt.namespace);
      return all.flatMap((one) => judged(policy, { ...values, params: one }));
    } catch (error) {
      // Whoever cannot be obeyed says no, whatever its actions.
      if (policy.spec.failurePolicy === 'Ignore') return [];
      throw refused(attempt, `${by} denied request: failed to configure binding: ${(error as Error).message}`, undefined);
    }
  })();
  for (const { message, reason } of denials) {
    if (actions.includes('Warn')) attempt.admission.warn(`Validation failed for ${by}: ${message}`);
    if (actions.includes('Deny')) throw refused(attempt, `${by} denied request: ${message}`, reason);
  }
}

function refused({ served, name }: Attempt, message: string, reason = 'Invalid'): Refusal {
  const { status } = forbidden(served, name, message);
  return new Refusal(CODES[reason] ?? 422, reason, status.message ?? '', { ...status.details, causes: [{ message }] });
}

/** All that a policy has against a write. What has no value counts as a no, unless the policy passes over failures. */
function judged(policy: Policy, values: AdmissionValues): readonly Denial[] {
  const { conditions, compiler, validations, annotations } = compiledPolicy(policy);
  const failed = (error: unknown): readonly Denial[] => (policy.spec.failurePolicy === 'Ignore' ? [] : [{ message: (error as Error).message }]);
  try {
    if (!conditions.hold(values)) return [];
  } catch (error) {
    return failed(error);
  }
  const context = compiler.bind(values);
  const denials = validations.flatMap(({ validation, holds, message }) => {
    try {
      if (holds(context) === true) return [];
    } catch (error) {
      return failed(error);
    }
    const own = (validation.message ?? '').trim() || `failed expression: ${validation.expression.trim()}`;
    return [{ message: expressed(() => message?.(context)) ?? own, ...(validation.reason === undefined ? {} : { reason: validation.reason }) }];
  });
  // There is no audit log to write them to; one without a value is a no all the same.
  const unsaid = annotations.flatMap(({ annotation, value }) => {
    try {
      const said = value(context);
      if (said === null || typeof said === 'string') return [];
      throw new Error(
        `valueExpression '${annotation.valueExpression}' resulted in unsupported return type: ${typeof said}. Return type must be either string or null.`,
      );
    } catch (error) {
      return failed(error);
    }
  });
  return [...denials, ...unsaid];
}

/** Longer messages are dropped. Source: MaxEvaluatedMessageExpressionSizeBytes. */
const MAX_MESSAGE_BYTES = 5 * 1024;

/** A message that was put together; `undefined` when it failed, says nothing, or says too much. */
function expressed(message: () => unknown): string | undefined {
  try {
    const text = message();
    const line = typeof text === 'string' ? text.trim() : '';
    return line === '' || line.includes('\n') || Buffer.byteLength(line) > MAX_MESSAGE_BYTES ? undefined : line;
  } catch {
    return undefined;
  }
}
