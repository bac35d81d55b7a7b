/** Which rules of a schema cost too much to be taken: the API server refuses a CRD that has one. Source: apiextensions-apiserver, pkg/apis/apiextensions/validation. */
import type { Resolve } from '../../builtin/table.ts';
import { definition } from '../../builtin/table.ts';
import { forbidden } from '../../engine/failure.ts';
import { child } from '../../engine/json.ts';
import { rootSchema } from '../../engine/resolve.ts';
import type { FieldError, Schema } from '../../structural.ts';
import { parsed } from '../compile.ts';
import { estimate } from './estimate.ts';
import { UNKNOWN_MAX, repeatsMost, valueOf } from './size.ts';

/** Of one rule, as often as it may be evaluated in one object. */
const RULE_LIMIT = 10_000_000;
/** Of all rules of a version together. */
const TOTAL_LIMIT = 100_000_000;
/** Of the rules that make the sum so many are named, those that cost at least a hundredth of it. */
const NAMED_MOST = 4;

interface Cost {
  readonly field: string;
  readonly cost: number;
}

/** What is wrong with the cost of a version's rules; `path` is where its schema is. Rules that do not compile are not looked at. */
export function costErrors(schema: Schema, path: string, resolve: Resolve = definition): readonly FieldError[] {
  const costs: Cost[] = [];
  const errors: FieldError[] = [];
  visit(rootSchema(schema), { path, repeats: 1, resolve, costs, errors });
  const total = Math.min(
    costs.reduce((all, { cost }) => all + cost, 0),
    UNKNOWN_MAX,
  );
  if (total <= TOTAL_LIMIT) return errors;
  const worst = costs.filter(({ cost }) => cost >= TOTAL_LIMIT / 100).toSorted((a, b) => b.cost - a.cost);
  const why = 'contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema';
  const named = worst.slice(0, NAMED_MOST).map(({ field }) => forbidden(field, why));
  return [...errors, ...named, forbidden(path, exceeded('x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema', total, TOTAL_LIMIT))];
}

interface Place {
  readonly path: string;
  /** How often the schema's data may be there; `undefined`: nobody says. */
  readonly repeats: number | undefined;
  readonly resolve: Resolve;
  readonly costs: Cost[];
  readonly errors: FieldError[];
}

function visit(schema: Schema, place: Place): void {
  const { path, repeats } = place;
  if ((schema['x-kubernetes-validations'] ?? []).length > 0) countRules(schema, place);
  const times = (most: number | undefined) => (repeats === undefined || most === undefined ? undefined : Math.min(repeats * most, UNKNOWN_MAX));
  for (const [key, property] of Object.entries(schema.properties ?? {})) visit(property, { ...place, path: `${child(path, 'properties')}[${key}]` });
  if (schema.items !== undefined) visit(schema.items, { ...place, path: child(path, 'items'), repeats: times(schema.maxItems) });
  if (typeof schema.additionalProperties === 'object')
    visit(schema.additionalProperties, { ...place, path: child(path, 'additionalProperties'), repeats: times(schema.maxProperties) });
}

function countRules(schema: Schema, { path, repeats, resolve, costs, errors }: Place): void {
  const value = valueOf(schema, resolve);
  const scope = new Map([
    ['self', value],
    ['oldSelf', value],
  ]);
  const costOf = (expression: string) => {
    const ast = parsed(expression);
    return ast === undefined ? 0 : estimate(ast, scope).cost;
  };
  for (const [index, rule] of (schema['x-kubernetes-validations'] ?? []).entries()) {
    const at = `${child(path, 'x-kubernetes-validations')}[${index}]`;
    const cost = Math.min(costOf(rule.rule) * (repeats ?? repeatsMost(schema, resolve)), UNKNOWN_MAX);
    if (cost > RULE_LIMIT) errors.push(forbidden(`${at}.rule`, exceeded('estimated rule cost', cost, RULE_LIMIT)));
    costs.push({ field: `${at}.rule`, cost });
    if (rule.messageExpression === undefined) continue;
    const message = costOf(rule.messageExpression);
    if (message > RULE_LIMIT) errors.push(forbidden(`${at}.messageExpression`, exceeded('estimated messageExpression cost', message, RULE_LIMIT)));
    costs.push({ field: `${at}.messageExpression`, cost: message });
  }
}

/** In the API server's words. */
function exceeded(what: string, cost: number, limit: number): string {
  const factor = cost / limit;
  const times = factor > 100 ? 'more than 100x' : factor < 1.5 ? `${factor.toFixed(6)}x` : `${factor.toFixed(1)}x`;
  return `${what} exceeds budget by factor of ${times} (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)`;
}
