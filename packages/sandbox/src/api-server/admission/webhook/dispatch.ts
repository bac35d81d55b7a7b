import { Refusal } from '../../../refusal.ts';
import { applyJsonPatch } from '../../../objects/json-patch.ts';
import { equal } from '../../../objects/json.ts';
import { strategyOf } from '../../../objects/registry/index.ts';
import { admissionCompiler, fillDefaults, rootSchema } from '@binnacle/schema';
import type { Served } from '../../catalog/served.ts';
import type { Core } from '../../core/core.ts';
import { decodeObject } from '../../crud/decode.ts';
import { list, record, text } from '../../object.ts';
import type { ApiObject } from '../../object.ts';
import { callHook } from '../../hooks/call.ts';
import { forbidden, internal } from '../../refusals.ts';
import type { Attempt } from '../attempt.ts';
import { conditionsOf } from '../conditions.ts';
import type { Conditions } from '../conditions.ts';
import { askedAs, mayBeAsked } from '../match.ts';
import { inVersion, objectsOf, requestOf } from '../request.ts';
import { hooksOf } from './hook.ts';
import type { Hook, Sort } from './hook.ts';
import { reviewOf, verdictOf } from './review.ts';
import type { Verdict } from './review.ts';

/**
 * Asks the mutating webhooks, one after the other, and answers the object as they changed it, with its defaults. Those with `reinvocationPolicy: IfNeeded` are
 * asked once more when a later one has changed it (spec/sandbox.md §2.10).
 * @throws {Refusal} what one of them says no with; 500 when it fails and its policy is to fail, or when its patch does not fit.
 */
export async function mutate(core: Core, attempt: Attempt): Promise<ApiObject | undefined> {
  const hooks = mayBeAsked(attempt.served) ? hooksOf(core, 'mutating') : [];
  if (hooks.length === 0) return attempt.object;
  let object = attempt.object === undefined ? undefined : defaulted(attempt.served, attempt.object);
  /** By hook: the object when it was asked for the last time. */
  const seen = new Map<Hook, ApiObject | undefined>();
  const visit = async (hook: Hook): Promise<void> => {
    const now = { ...attempt, object };
    const asked = await wantedBy(core, hook, now);
    if (asked === undefined) return;
    const { patch } = (await judged(core, hook, 'mutating', now, asked)) ?? {};
    if (patch !== undefined) object = await patched(core, hook, patch, now, asked);
    seen.set(hook, object);
  };
  for (const hook of hooks) await visit(hook);
  for (const hook of hooks) {
    const stale = seen.has(hook) && !equal(seen.get(hook), object);
    if (hook.reinvocationPolicy === 'IfNeeded' && stale) await visit(hook);
  }
  return object;
}

/**
 * Asks the validating webhooks, all at once.
 * @throws {Refusal} what the first of them, in their order, says no with; 500 when it fails and its policy is to fail.
 */
export async function validate(core: Core, attempt: Attempt): Promise<void> {
  const hooks = mayBeAsked(attempt.served) ? hooksOf(core, 'validating') : [];
  const answers = await Promise.allSettled(
    hooks.map(async (hook) => {
      const asked = await wantedBy(core, hook, attempt);
      if (asked !== undefined) await judged(core, hook, 'validating', attempt, asked);
    }),
  );
  const refused = answers.find((answer) => answer.status === 'rejected');
  if (refused !== undefined) throw refused.reason;
}

/** In which version a webhook wants to be asked; `undefined`: not at all. @throws {Refusal} 403 when its conditions cannot tell, and its policy is to fail. */
async function wantedBy(core: Core, hook: Hook, attempt: Attempt): Promise<Served | undefined> {
  const asked = askedAs(core, { ...hook, rules: hook.rules ?? [] }, attempt);
  if (asked === undefined || (hook.matchConditions ?? []).length === 0) return asked;
  try {
    const values = { ...(await objectsOf(core, attempt, asked)), request: requestOf(attempt, asked) };
    return compiledConditions(hook).hold(values) ? asked : undefined;
  } catch (error) {
    if (hook.failurePolicy === 'Ignore') return undefined;
    throw forbidden(attempt.served, attempt.name, (error as Error).message);
  }
}

/** A stored webhook is never changed, only replaced. */
const compiledHooks = new WeakMap<Hook, Conditions>();

function compiledConditions(hook: Hook): Conditions {
  const known = compiledHooks.get(hook);
  if (known !== undefined) return known;
  const compiled = conditionsOf(hook.matchConditions ?? [], admissionCompiler({ params: false }));
  compiledHooks.set(hook, compiled);
  return compiled;
}

/** One webhook's verdict; `undefined` when there is none and its policy is to go on without. @throws {Refusal} when it says no. */
async function judged(core: Core, hook: Hook, sort: Sort, attempt: Attempt, asked: Served): Promise<Verdict | undefined> {
  const { warn, signal } = attempt.admission;
  const { uid, body } = await reviewOf(core, attempt, asked);
  const verdict = await (async () => {
    try {
      return verdictOf(await answerOf(core, hook, body, signal), uid, sort);
    } catch (error) {
      if (signal.aborted) throw error;
      if (hook.failurePolicy === 'Ignore') return undefined;
      throw internal(`failed calling webhook ${JSON.stringify(hook.name)}: ${(error as Error).message}`);
    }
  })();
  for (const text of verdict?.warnings ?? []) warn(text);
  if (verdict?.allowed === false) throw denial(hook, verdict.status);
  return verdict;
}

async function answerOf(core: Core, hook: Hook, body: string, signal: AbortSignal): Promise<unknown> {
  try {
    return await callHook(core, hook, body, signal);
  } catch (error) {
    if (signal.aborted) throw error;
    throw new Error(`failed to call webhook: ${(error as Error).message}`, { cause: error });
  }
}

/** A webhook's no as the client sees it: with its own code and details, 400 when it gives none. */
function denial({ name }: Hook, status: Verdict['status']): Refusal {
  const { code, reason, message, details } = status ?? {};
  const by = `admission webhook ${JSON.stringify(name)} denied the request`;
  const why = text(message) || text(reason);
  const number = typeof code === 'number' && code >= 400 && code <= 599 ? code : 400;
  const said = why === undefined || why === '' ? `${by} without explanation` : `${by}: ${why}`;
  const { causes, ...rest } = record(details);
  // Sound: a Status' details as the webhook wrote them, for the client to read.
  const kept =
    details === undefined ? undefined : ({ ...rest, ...(causes === undefined ? {} : { causes: list(causes) }) } as ConstructorParameters<typeof Refusal>[3]);
  return new Refusal(number, text(reason) ?? '', said, kept);
}

/** The object with a webhook's patch. @throws {Refusal} 500 */
async function patched(core: Core, hook: Hook, patch: string, { served, object, subresource }: Attempt, asked: Served): Promise<ApiObject> {
  if (object === undefined) {
    throw internal(`admission webhook ${JSON.stringify(hook.name)} attempted to modify the object, which is not supported for this operation`);
  }
  if (subresource !== '' && object.kind !== served.kind) {
    throw internal(`admission webhook ${JSON.stringify(hook.name)} changed a ${object.kind}: this server lets webhooks judge those, and not change them`);
  }
  try {
    const changed = applyJsonPatch(await inVersion(core, served, asked, object), JSON.parse(patch)) as ApiObject;
    return defaulted(served, decodeObject(served, await inVersion(core, asked, served, changed)).object);
  } catch (error) {
    throw internal((error as Error).message);
  }
}

/** What webhooks see has its defaults: the kind's own rules run only after them. */
function defaulted(served: Served, object: ApiObject): ApiObject {
  if (object.kind !== served.kind) return object;
  if (served.custom !== undefined) return fillDefaults(rootSchema(served.custom.schema), object);
  // Sound: decoding an object of a kind gives one of that kind.
  return strategyOf(served).decode(object) as ApiObject;
}
