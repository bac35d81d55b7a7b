import type { Served } from '../catalog/served.ts';
import type { Core } from '../core/core.ts';
import type { User } from '../http/call.ts';
import type { ResourceRequest } from '../http/request-info.ts';
import type { ApiObject } from '../object.ts';
import { namespaceLifecycle } from './namespace-lifecycle.ts';
import { refuseWebhooks } from './refuse-webhooks.ts';
import { serviceAccount } from './service-account.ts';
import { storageProtection } from './storage-protection.ts';
import { roleEscalation } from './role-escalation.ts';

/** The write that is about to happen. */
export interface Admission {
  readonly served: Served;
  readonly info: ResourceRequest;
  readonly user: User;
  readonly dryRun: boolean;
}

/**
 * One say in a write, between what the client wants and what the kind's own rules check: it may change the object or refuse it. The place for webhooks: a plugin
 * may wait, and the write is tried again when the object has changed meanwhile.
 */
export interface Plugin {
  create?(core: Core, admission: Admission, object: ApiObject): ApiObject | Promise<ApiObject>;
  update?(core: Core, admission: Admission, object: ApiObject, before: ApiObject): ApiObject | Promise<ApiObject>;
}

const PLUGINS: readonly Plugin[] = [namespaceLifecycle, refuseWebhooks, serviceAccount, storageProtection, roleEscalation];

/** @throws {Refusal} what a plugin refuses with. */
export async function admitCreate(core: Core, admission: Admission, object: ApiObject): Promise<ApiObject> {
  let admitted = object;
  for (const plugin of PLUGINS) admitted = (await plugin.create?.(core, admission, admitted)) ?? admitted;
  return admitted;
}

/** @throws {Refusal} what a plugin refuses with. */
export async function admitUpdate(core: Core, admission: Admission, object: ApiObject, before: ApiObject): Promise<ApiObject> {
  let admitted = object;
  for (const plugin of PLUGINS) admitted = (await plugin.update?.(core, admission, admitted, before)) ?? admitted;
  return admitted;
}
