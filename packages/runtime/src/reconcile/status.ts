import type { Clock, Condition, Live } from '@binnacle/client';
import { jsonEqual, rootSchema, setDefaults } from '@binnacle/schema';
import { setCondition } from '../conditions.ts';
import type { NewCondition } from '../conditions.ts';
import type { AnyResource } from '../context.ts';
import type { Pass } from '../controller.ts';

/** What a pass wants to say about an object; buffered until its end. */
export interface StatusDraft {
  /** `undefined` removes a field. */
  readonly fields: Map<string, unknown>;
  readonly conditions: Map<string, { readonly status: boolean | 'Unknown'; readonly reason: string; readonly message: string }>;
}

/** The API refuses longer condition messages (32,768 bytes); nobody reads longer ones than this. */
const MESSAGE_CHARACTERS = 1_024;

/** An empty draft. */
export function statusDraft(): StatusDraft {
  return { fields: new Map(), conditions: new Map() };
}

/**
 * The status after a pass, or `undefined` when it is what the object has already. Fields that were not set keep their value. `Ready` and `Progressing`
 * follow from the outcome; each condition set says which generation it is about.
 */
export function statusAfter(
  kind: AnyResource,
  primary: Live<AnyResource>,
  pass: Pass,
  draft: StatusDraft,
  clock: Clock,
): Readonly<Record<string, unknown>> | undefined {
  const current = (primary.status ?? {}) as Readonly<Record<string, unknown>>;
  const declared = primary.metadata.generation;
  const next: Record<string, unknown> = { ...current };
  for (const [name, value] of draft.fields) {
    if (value === undefined) delete next[name];
    else next[name] = value;
  }
  if (knows(kind, 'observedGeneration') && declared !== undefined) next['observedGeneration'] = declared;
  if (knows(kind, 'conditions')) {
    let conditions = (current['conditions'] ?? []) as readonly Condition[];
    for (const condition of conditionsOf(pass, draft)) {
      conditions = setCondition(conditions, { ...condition, ...(declared === undefined ? {} : { observedGeneration: declared }) }, clock.now());
    }
    next['conditions'] = conditions;
  }
  // As the server will store it: a default that it fills in would be a difference for ever.
  const travelled = JSON.parse(JSON.stringify(next)) as Readonly<Record<string, unknown>>;
  const stored = setDefaults(rootSchema(kind.schema), { ...primary, status: travelled }).status as Readonly<Record<string, unknown>>;
  return jsonEqual(stored, current) ? undefined : stored;
}

/** Whether two statuses differ in nothing but these fields and what conditions say in words. */
export function sameButDetails(before: unknown, after: Readonly<Record<string, unknown>>, details: readonly string[]): boolean {
  const core = (status: Readonly<Record<string, unknown>>) => {
    const { conditions = [], ...rest } = status as { readonly conditions?: readonly Condition[] };
    const kept = Object.entries(rest).filter(([name]) => !details.includes(name));
    return [Object.fromEntries(kept), conditions.map((condition) => ({ ...condition, message: '' }))];
  };
  return jsonEqual(core((before ?? {}) as Readonly<Record<string, unknown>>), core(after));
}

/** The reason of the last pass as the object tells it; `undefined` before the first. */
export function lastReason(primary: Live<AnyResource>): string | undefined {
  const conditions = (primary.status as { readonly conditions?: readonly Condition[] } | undefined)?.conditions;
  return conditions?.find(({ type }) => type === 'Ready')?.reason;
}

/** How a pass ended, in the words of the `Ready` condition. */
export function readyOf(pass: Pass): { readonly status: 'True' | 'False'; readonly reason: string; readonly message: string } {
  switch (pass.outcome.type) {
    case 'done':
      return { status: 'True', reason: 'Ready', message: 'everything is as the spec wants it' };
    case 'gone':
      return { status: 'False', reason: 'Gone', message: 'the object is going' };
    default:
      return { status: 'False', reason: pass.outcome.reason, message: short(pass.outcome.message) };
  }
}

function conditionsOf(pass: Pass, draft: StatusDraft): readonly NewCondition[] {
  const ready = readyOf(pass);
  const moving = pass.outcome.type === 'wait' || pass.outcome.type === 'error';
  const own = [...draft.conditions].map(([type, { status, reason, message }]) => ({
    type,
    status: status === 'Unknown' ? ('Unknown' as const) : status ? ('True' as const) : ('False' as const),
    reason,
    message: short(message),
  }));
  return [{ type: 'Ready', ...ready }, { ...ready, type: 'Progressing', status: moving ? 'True' : 'False' }, ...own];
}

function short(message: string): string {
  return message.length <= MESSAGE_CHARACTERS ? message : `${message.slice(0, MESSAGE_CHARACTERS - 1)}…`;
}

function knows(kind: AnyResource, field: string): boolean {
  return kind.schema.properties?.['status']?.properties?.[field] !== undefined;
}
