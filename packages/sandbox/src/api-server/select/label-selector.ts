import { badRequest } from '../refusals.ts';

type Labels = Readonly<Record<string, string>>;

/** Whether labels satisfy a selector. */
export type LabelTest = (labels: Labels) => boolean;

const KEY = String.raw`(?:[a-z0-9A-Z.-]+\/)?[A-Za-z0-9](?:[A-Za-z0-9_.-]*[A-Za-z0-9])?`;
const VALUE = String.raw`[A-Za-z0-9_.-]*`;
const IN = new RegExp(String.raw`^(${KEY})\s+(in|notin)\s*\(([^()]*)\)$`);
const COMPARE = new RegExp(String.raw`^(${KEY})\s*(==|=|!=|>|<)\s*(${VALUE})$`);
const EXISTS = new RegExp(String.raw`^(!?)\s*(${KEY})$`);

/**
 * `app=web,tier!=db,a in (x,y),!b`, as a function; `undefined` when it selects everything. `!=` and `notin` match absent labels as well.
 * @throws {Refusal} 400 with Kubernetes' text.
 */
export function parseLabelSelector(selector: string): LabelTest | undefined {
  const tests = split(selector)
    .map((term) => term.trim())
    .filter((term) => term !== '')
    .map(requirement);
  return tests.length === 0 ? undefined : (labels) => tests.every((test) => test(labels));
}

/** At commas outside of parentheses. */
function split(selector: string): readonly string[] {
  return selector.split(/,(?![^()]*\))/);
}

function requirement(term: string): LabelTest {
  const set = IN.exec(term);
  if (set !== null) {
    const [, key, operator, values] = set;
    const wanted = new Set(values!.split(',').map((value) => value.trim()));
    return operator === 'in' ? (labels) => Object.hasOwn(labels, key!) && wanted.has(labels[key!]!) : (labels) => !wanted.has(labels[key!] ?? '\0');
  }
  const compare = COMPARE.exec(term);
  if (compare !== null) return comparison(compare[1]!, compare[2]!, compare[3]!);
  const exists = EXISTS.exec(term);
  if (exists !== null) {
    const [, not, key] = exists;
    return (labels) => Object.hasOwn(labels, key!) === (not === '');
  }
  const found = /^\S+\s+(\S+)/.exec(term)?.[1] ?? term;
  throw badRequest(`unable to parse requirement: found '${found}', expected: in, notin, =, ==, !=, gt, lt`);
}

function comparison(key: string, operator: string, value: string): LabelTest {
  switch (operator) {
    case '!=':
      return (labels) => labels[key] !== value;
    case '>':
    case '<': {
      const bound = Number(value);
      if (!Number.isInteger(bound)) {
        throw badRequest(`unable to parse requirement: values[0][${key}]: Invalid value: "${value}": for 'Gt', 'Lt' operators, the value must be an integer`);
      }
      return (labels) => Object.hasOwn(labels, key) && (operator === '>' ? Number(labels[key]) > bound : Number(labels[key]) < bound);
    }
    default:
      return (labels) => labels[key] === value;
  }
}

/** A selector as objects hold it (`matchLabels`, `matchExpressions`), as a function. Absent selects nothing, empty everything. */
export function matchesSelector(
  selector:
    | {
        readonly matchLabels?: Labels;
        readonly matchExpressions?: readonly { readonly key: string; readonly operator: string; readonly values?: readonly string[] }[];
      }
    | undefined,
  labels: Labels,
): boolean {
  if (selector === undefined) return false;
  if (!Object.entries(selector.matchLabels ?? {}).every(([key, value]) => labels[key] === value)) return false;
  return (selector.matchExpressions ?? []).every(({ key, operator, values = [] }) => {
    switch (operator) {
      case 'In':
        return Object.hasOwn(labels, key) && values.includes(labels[key]!);
      case 'NotIn':
        return !Object.hasOwn(labels, key) || !values.includes(labels[key]!);
      case 'Exists':
        return Object.hasOwn(labels, key);
      default:
        return operator === 'DoesNotExist' && !Object.hasOwn(labels, key);
    }
  });
}
