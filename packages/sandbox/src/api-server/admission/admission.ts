import type { Served } from '../catalog/served.ts';
import type { Core } from '../core/core.ts';
import type { Call, User } from '../http/call.ts';
import type { ResourceRequest } from '../http/request-info.ts';
import type { ApiObject } from '../object.ts';
import { attempt } from './attempt.ts';
import { claimResize } from './claim-resize.ts';
import { namespaceLifecycle } from './namespace-lifecycle.ts';
import { judge } from './policy/judge.ts';
import { policyRules } from './policy/rules.ts';
import { roleEscalation } from './role-escalation.ts';
import { serviceAccount } from './service-account.ts';
import { storageProtection } from './storage-protection.ts';
import { configurationRules } from './webhook/configuration.ts';
import { mutate, validate } from './webhook/dispatch.ts';

/** The write that is about to happen. */
export interface Admission {
  readonly served: Served;
  readonly info: ResourceRequest;
  readonly user: User;
  readonly dryRun: boolean;
  /** What else the request's options say, for webhooks. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Aborted when the asker has gone. */
  readonly signal: AbortSignal;
  warn(text: string): void;
}

/** The admission of a request. */
export function admissionOf(served: Served, info: ResourceRequest, call: Call, dryRun: boolean, options: Admission['options'] = {}): Admission {
  return {
    served,
    info,
    user: call.user,
    dryRun,
    options,
    get signal() {
      return call.signal;
    },
    warn: (text) => call.warn(text),
  };
}

/** One say of the server itself in a write, between what the client wants and what the kind's own rules check: it may change the object or refuse it. */
export interface Plugin {
  create?(core: Core, admission: Admission, object: ApiObject): ApiObject;
  update?(core: Core, admission: Admission, object: ApiObject, before: ApiObject): ApiObject;
  /** After the kind's own rules, of an object that is being replaced. @throws {Refusal} */
  confirm?(core: Core, admission: Admission, object: ApiObject, before: ApiObject): void;
}

const PLUGINS: readonly Plugin[] = [namespaceLifecycle, configurationRules, policyRules, serviceAccount, storageProtection, claimResize, roleEscalation];

/**
 * What may change an object that is being made, or refuse it: the server's own plugins, then mutating webhooks. It takes time: the world may be another one after it.
 * @throws {Refusal} what one of them refuses with.
 */
export async function admitCreate(core: Core, admission: Admission, object: ApiObject): Promise<ApiObject> {
  let admitted = object;
  for (const plugin of PLUGINS) admitted = plugin.create?.(core, admission, admitted) ?? admitted;
  return (await mutate(core, attempt(admission, admitted, undefined))) ?? admitted;
}

/** As `admitCreate`, of an object that is being replaced. `shown`: what webhooks are asked about, where that is not the object itself. @throws {Refusal} */
export async function admitUpdate(
  core: Core,
  admission: Admission,
  object: ApiObject,
  before: ApiObject,
  shown: (object: ApiObject) => ApiObject = (same) => same,
): Promise<ApiObject> {
  let admitted = object;
  for (const plugin of PLUGINS) admitted = plugin.update?.(core, admission, admitted, before) ?? admitted;
  const view = shown(admitted);
  const changed = (await mutate(core, attempt(admission, view, shown(before)))) ?? view;
  return view === admitted ? changed : admitted;
}

/** The last say, when the kind's own rules have passed: policies, then validating webhooks. `object` undefined: a deletion; `before` undefined: a creation. @throws {Refusal} */
export async function confirm(core: Core, admission: Admission, object: ApiObject | undefined, before: ApiObject | undefined): Promise<void> {
  if (object !== undefined && before !== undefined) for (const plugin of PLUGINS) plugin.confirm?.(core, admission, object, before);
  const write = attempt(admission, object, before);
  await judge(core, write);
  await validate(core, write);
}

/** Asks about what is no write of the object itself: its deletion, an Eviction, a Binding, a token. Webhooks and policies can refuse it and not change it. @throws {Refusal} */
export async function admitRequest(core: Core, admission: Admission, object: ApiObject | undefined, before: ApiObject | undefined): Promise<void> {
  await mutate(core, attempt(admission, object, before));
  await confirm(core, admission, object, before);
}
