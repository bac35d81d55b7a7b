import type { FieldError } from '@binnacle/schema';
import type { Call } from '../http/call.ts';
import { invalidOptions } from '../refusals.ts';
import type { FieldValidation } from './decode.ts';

/** What a write's query says. */
export interface WriteOptions {
  readonly dryRun: boolean;
  readonly fieldManager: string;
  readonly fieldValidation: FieldValidation;
  /** Only of server-side apply. */
  readonly force: boolean;
}

/** Source: the real server's limit for manager names. */
const MAX_MANAGER_BYTES = 128;

/**
 * Reads the options of a write. `kind` names them in errors: `CreateOptions`, `UpdateOptions`, `PatchOptions`.
 * @throws {Refusal} 422 with Kubernetes' texts.
 */
export function writeOptions(kind: string, call: Pick<Call, 'query' | 'headers'>, apply: boolean): WriteOptions {
  const errors: FieldError[] = [];
  const manager = call.query.get('fieldManager') ?? '';
  const validation = call.query.get('fieldValidation') ?? '';
  const force = call.query.get('force');
  const dryRun = readDryRun(call.query.getAll('dryRun'), errors);
  if (Buffer.byteLength(manager) > MAX_MANAGER_BYTES) {
    errors.push({ reason: 'FieldValueTooLong', field: 'fieldManager', message: `Too long: may not be more than ${MAX_MANAGER_BYTES} bytes` });
  }
  if (!['', 'Strict', 'Warn', 'Ignore'].includes(validation)) {
    const message = `Unsupported value: ${JSON.stringify(validation)}: supported values: "Ignore", "Strict", "Warn"`;
    errors.push({ reason: 'FieldValueNotSupported', field: 'fieldValidation', message });
  }
  if (apply && manager === '') errors.push({ reason: 'FieldValueRequired', field: 'fieldManager', message: 'Required value: is required for apply patch' });
  if (!apply && force !== null && kind === 'PatchOptions') {
    errors.push({ reason: 'FieldValueForbidden', field: 'force', message: 'Forbidden: may not be specified for non-apply patch' });
  }
  if (errors.length > 0) throw invalidOptions(kind, errors);
  return {
    dryRun,
    fieldManager: manager === '' && !apply ? defaultManager(call.headers['user-agent']) : manager,
    fieldValidation: validation === '' ? 'Warn' : (validation as FieldValidation),
    force: force === 'true' || force === '1',
  };
}

/** Reads `dryRun`, as query or body has it. */
export function readDryRun(values: readonly string[], errors: FieldError[]): boolean {
  const wrong = values.filter((value) => value !== '' && value !== 'All');
  if (wrong.length > 0) {
    errors.push({ reason: 'FieldValueNotSupported', field: 'dryRun', message: `Unsupported value: ${JSON.stringify(wrong)}: supported values: "All"` });
  }
  return values.includes('All');
}

/** Who does not say its name is called by its program: the first word of the User-Agent (spec/sandbox.md §1.1). */
function defaultManager(agent: string | undefined): string {
  const name = (agent ?? '').split('/')[0]!;
  return name === '' ? 'unknown' : name.slice(0, MAX_MANAGER_BYTES);
}
