import type { Served } from '../../catalog/served.ts';
import type { Core } from '../../core/core.ts';
import { isRecord, list, record, text } from '../../object.ts';
import type { Attempt } from '../attempt.ts';
import { objectsOf, requestOf } from '../request.ts';
import type { Sort } from './hook.ts';

const API_VERSION = 'admission.k8s.io/v1';

/** The question to a webhook, `admission.k8s.io/v1`. `asked`: the version it wants the object in. */
export async function reviewOf(core: Core, attempt: Attempt, asked: Served): Promise<{ readonly uid: string; readonly body: string }> {
  const uid = core.chance.uid();
  const request = { uid, ...requestOf(attempt, asked), ...(await objectsOf(core, attempt, asked)) };
  return { uid, body: JSON.stringify({ kind: 'AdmissionReview', apiVersion: API_VERSION, request }) };
}

/** What a webhook answered, when it answered as it should. */
export interface Verdict {
  readonly allowed: boolean;
  readonly status: Readonly<Record<string, unknown>> | undefined;
  readonly warnings: readonly string[];
  /** Text of a JSON patch; absent: none. */
  readonly patch: string | undefined;
}

/** Reads a webhook's answer. @throws {Error} when it breaks the protocol: the text is the real server's. */
export function verdictOf(answer: unknown, uid: string, sort: Sort): Verdict {
  const { kind, apiVersion, response } = record(answer);
  if (kind !== 'AdmissionReview' || apiVersion !== API_VERSION) {
    throw broken(`expected webhook response of ${API_VERSION}, Kind=AdmissionReview, got ${text(apiVersion) ?? ''}, Kind=${text(kind) ?? ''}`);
  }
  if (!isRecord(response)) throw broken('webhook response was absent');
  if (response['uid'] !== uid) throw broken(`expected response.uid=${JSON.stringify(uid)}, got ${JSON.stringify(text(response['uid']) ?? '')}`);
  const status = isRecord(response['status']) ? response['status'] : undefined;
  const warnings = list(response['warnings']).filter((one) => typeof one === 'string');
  return { allowed: response['allowed'] === true, status, warnings, patch: sort === 'mutating' ? patchOf(response) : undefined };
}

function patchOf(response: Readonly<Record<string, unknown>>): string | undefined {
  const [patch, type] = [text(response['patch']) ?? '', response['patchType']];
  if (patch === '') {
    if (type !== undefined && type !== null) throw broken('webhook returned response.patchType but not response.patch');
    return undefined;
  }
  if (type === undefined || type === null) throw broken('webhook returned response.patch but not response.patchType');
  if (type !== 'JSONPatch') throw broken(`webhook returned invalid response.patchType of ${JSON.stringify(type)}`);
  return Buffer.from(patch, 'base64').toString();
}

const broken = (why: string) => new Error(`received invalid webhook response: ${why}`);
